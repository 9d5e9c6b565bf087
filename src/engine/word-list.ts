/**
 * Common English words and words of programs, for telling words from random text (rarity.ts). Made by counting, in how many files each
 * word occurs, over the manual pages, headers and library sources of a Debian system and of Node.js, Python, Perl and Go, keeping words
 * common in at least three of these; regular derivations (-s, -ed, -ing, -er, un-, joined words) are left out, and some first
 * names, months, product names and words of user interfaces added.
 */
const COMMON_WORDS =
  'aarch abbrev abbreviated abbreviation abcde abcdef abi ability able abort about above abruptly abs absence absent absolute abstract accent ' +
  'accept access accessible accessor accident accidental accommodate according account accumulate accuracy accurate ace achieve ack acknowledge ' +
  'acorn acquire across act activate active activity acts actual acute adam adapt added adding addition additional addon addr address adds adequate ' +
  'adhere adjacent adjust adler admin administrator adopt advance advantage advertise advice advisory aes affect affiliation after afterwards again ' +
  'against age agent aggregate aggressive agree ahead alan alarm alert alexander alg algo algorithm alias alice align alive alloc allocate allow ' +
  'almost alnum alone along alpha alphabet alphabetic alphabetical alpn already alt alternate although altogether always amazon ambient ambiguity ' +
  'ambiguous among amount amp ampersand analogous analyse analysis analyze ancestor anchor ancient and andreas andrew android angle anna annotate ' +
  'announce annoying anon anonymous another ansi ansible answer any anyone anyway apache apart api apikey apis apostrophe appdata appear appearance ' +
  'append appendix apple applicable application applied apply appreciated approach appropriate approximate apps april arabic arbitrarily arbitrary ' +
  'arc arch architecture archive are area aren arg argc args arguably argument argv arithmetic arity arm around arrange array arrive arrow article ' +
  'artifact artificial asc ascii aside asin asinh ask asks asm aspect assemble assembly assert asset assign assist assoc associate associative ' +
  'assume assumption ast asterisk asymmetric async asynchronous atan atexit atime atom atomic atomically attach attack attempt attention attr ' +
  'attrib attribute audio audit aug august auth authenticate author authority authorization authorized auto automated automatic automatically ' +
  'automation autumn aux auxiliary avail average avoid await aware away axis azure back background backup backward bad badge bail balance ball band ' +
  'bang banner bar bare barrier barry base bash basic basically basis bat batch baz bearer became because become been before began begin beginning ' +
  'behalf behave behavior behaviour behind being believe bell belong below ben bench benefit bengali benjamin besides best beta better between ' +
  'beware beyond bias bidi bidirectional big bigger bigint bignum bin binary bind binomial bisect bit bitbucket bitmap bits black blank blend ' +
  'blindly blink blksize blob block blog blow blue bob body bogus boilerplate bold bom book bool boolean boot bootstrap border boring borrowed ' +
  'boston both bottom bound boundary box brace bracket branch brand break brian bridge brief bright bring broadcast broke broken brought brown ' +
  'browse bubble bucket buf buff buflen bug buggy bugs bugzilla build built builtin bulk bullet bump bunch bundle business busy but button bye ' +
  'bypass byte bzip cache calc calculate calendar call callee calloc came camel camellia can cancel cancellation cancelled cancelling candidate ' +
  'cannot canonical canonicalize cap capacity capital capitalize caps caption capture card care careful caret carol carriage carried carry case ' +
  'cast cat catalog catch category caught cause caution caveat cdata cdecl ceil cell cent central cert certain certificate cfg cflags chacha chain ' +
  'challenge chan chance change changeit changeme channel chapter char character characteristics charge chat chdir cheap check child children ' +
  'chinese chmod choice chomp choose chop chosen chown chris christian chrome chromium chroot chunk cipher circle circuit circular circumflex ' +
  'circumstances claim clamp clang clarified clarify clarity clark clash class classic classification classify clause clean cleanup clear clever ' +
  'click client clip clobber clock cloexec clone close closest closure cloud cluster cmake cmd cname code codec coerce col collapse collect ' +
  'collector collision colon color colorize colour cols column com combination combine come comma commercial commit committed committing common ' +
  'communicate community comp comparator comparison compat compatibility compatible compilation compile complement complete complex complexity ' +
  'compliance compliant complicated component compose composite comprehensive compressor computation compute con concat concatenate concept concern ' +
  'concise concrete cond condition conditional conf confidence confidential config configuration confirm confirmation conflict conformant ' +
  'conjunction conn connect connectivity connector cons consecutive consequently conservative consider consideration consist consistency consistent ' +
  'const constant constraint constructor consult consume consumer consumption cont contain content contiguous continuation continue continuous ' +
  'contract contrary contrast contrib contribute control controller controlling conv convenience convenient convention conversely convert convey ' +
  'cookie cookiejar coord coordinate cope copied copy core corner coroutine corporation correct correspond corrupt cos cosh cost could couldn count ' +
  'country couple course cover cppflags cpu cpus crash creat create credential credit crit criteria critical cron cross crypt crypto cryptography ' +
  'css csv ctime ctor ctx ctype cumulative cur curdir curl curr currency current curses cursor curve custom customization customize cut cutoff cyan ' +
  'cycle cyclic cygwin cyrillic daemon dagger damage dangerous dangling daniel dark darwin dash dat data datagram date dave david day days dbus ' +
  'dead deal dealt death debian debug debugger debugging dec december decide decimal decision decl declaration decorate decrease decrement ' +
  'decrypted dedicated deemed deep defect defer deflate defs degree del delay delegate delete deliberately delim deliver delivery delta demand demo ' +
  'demonstrate denied denominator deny dep depend dependency dependent deploy deprecate deps depth deque der deref derivation derive des desc ' +
  'descendant describe description descriptive descriptor designated desirable desired desktop despite dest destination destroy destruction ' +
  'destructor detach detect detector determine deterministic dev devanagari devel develop development deviation dgram dhparam diag diagnose ' +
  'diagnostic dial dialog dict dictionary didn dies diff difference different differentiate difficult diffie dig digest digit digital dim dimension ' +
  'dir direct directive directory dirent dirs dirty disambiguate disc disclaimed disclaimer discouraged discovery discuss disk dispose dist ' +
  'distance distinct distinguish distribute distro ditto div divide division divisor dlopen dns doc docker docs document documentation does doesn ' +
  'doing dollar dom domain don done dont dos dot dotall dots dotted double doubt down downgrade draft dragon drain draw drive driven drop dropped ' +
  'dry dsa dual due dumb dummy dump dup duplex duplicate duration during dword dying dylib dynamic dynamically eacces each eaddrinuse eagain eager ' +
  'earlier early ease easier easiest easily east easy eat ebadf ebcdic ecdsa echoing econnaborted econnrefused econnreset ecosystem ecparam edge ' +
  'edit editor eexist efault effect effective efficiency efficient effort eight eintr einval eisdir either elapsed elastic elasticsearch elem ' +
  'element elf eligible eliminate ellipsis elliptic else emacs email embed embedded embedding emfile emit emitted emitter emitting emoji empty ' +
  'emulate enable enc encap encode encounter encourage encrypt encrypted end endian endif endorse ends enfile enforce engine english enhance enoent ' +
  'enomem enospc enosys enotconn enotdir enough enqueue ensure enter enterprise entire entity entropy entry enum enumerable enumerate env envelope ' +
  'environ eof eperm ephemeral epipe epoch epoll epsilon equal equality equiv equivalent erase eric erofs errcode errmsg errno erroneous error errs ' +
  'errstr escape especially esrch essential establish estimate ether etimedout euler europe eval evaluate eve even event eventually ever every ' +
  'ewouldblock exact examine example exceed except excess excessive exchange excl exclamation exclude exclusion exclusive exec execute execve ' +
  'exemplary exercise exhaustive exist existence existent exit exotic exp expand expansion expat expect expectation expense expensive experience ' +
  'experiment experimental expiration expire explain explanation explicit exponent exponential export expose expr express ext extend extensible ' +
  'extension extensive extent extern external extra extract extraneous extreme exts face facebook facet facilitate facility fact factor factory ' +
  'fail failure fair fake fall false familiar family fancy far fashion fast fastest fatal fault faulty favor favour fchmod fchown fclose fdatasync ' +
  'fdopen feature february fed feed feel feminine fetch few fflush field fifo fifth figure file fileno fill filter fin final finalization finalize ' +
  'find fine fingerprint finish finite fips fire firefox first fit fits five fix fixme fixup flag flaky flat flavor flexibility flexible flight ' +
  'flip float flock flood floor flow flush fly fmod fmt fname fnmatch focus fold folks follow font foo foobar fopen for forbid forbidden force ' +
  'forcibly foreground foreign forget forgot fork form formal format formatted formatting formula forth fortran fortunately forward found ' +
  'foundation four fourth fprintf frac fraction fractional frag fragile frame frank franklin fread fred free freebsd freeze french freq frequency ' +
  'frequently fresh friday friend from front frozen fsize fstat fstatat fsync ftp ftruncate full fully fun func function functional functionality ' +
  'fundamental funny furnished further futimes future fuzz fwrite gain gamma gap garbage gather gave gen general generate genrsa german get getc ' +
  'getcwd getegid getenv geteuid getgid getgrgid getgrnam gethostbyname getnameinfo getopt getpgrp getpid getpwnam getpwuid gets getservbyname ' +
  'getsockname getsockopt getter gettimeofday getting getuid gid gif git github gitlab give given glibc glob global globbing glossary glue gmail ' +
  'gmt gmtime gnome goal goes going gold gone good google got goto gotten governed gpg grab graceful grafana grained grammar grant granularity ' +
  'graph graphic graphical grave gray great greatest greedy greek green greeting greg grep grey grid groff group grow growth guarantee guard guess ' +
  'guest gui guide gunzip gzip hack had half halt han hand handful handle handy hang hangul happen happy hard hardware harmless harness has hash ' +
  'hashed hasn have haven head health heap hear heart heavily heavy hebrew height held hell hello help helpful hence here hereby heuristic hex ' +
  'hexadecimal hidden hide hierarchical hierarchy high highest hint hiragana his histogram historical history hit hits hitting hmac hold hole home ' +
  'honor honour hood hook hop hope hops horizontal host hot hour how href html http hub huge human hybrid hyphen hypot hypothetical icon idea ideal ' +
  'idempotent ident identical identification identified identifier identify identity ideographic idle ids iface ifdef ifndef ignore illegal image ' +
  'imaginary imagine imap img immediate immutable imode impact impl implement implementation implications implicit implied imply import important ' +
  'impossible improve inc incidental incl include inclusion inclusive incr increment incremental ind indeed indent indentation index indicate ' +
  'individual inet inf infinity infix influence info information informational informative infrastructure ing inherently inherit inheritance ' +
  'inhibit init initial initialisation initialise initialization initialize initiate inject inner ino inode inotify inout input ins insert insist ' +
  'inspect inspector inspired inst installation instance instanceof instant instantiate instead instr instrument instrumentation int intact integer ' +
  'integral integrate integrity intel intent intentional intercept interceptor interest interfere interior intermediate intern internal ' +
  'interoperability interp interpolate interpretation interrupt intl into intrinsic intro introduce introduction introspection ints invalid inverse ' +
  'invert invocation invoke involve ioctl ipaddress ipproto irrelevant isa isalpha isatty isdigit isdir islice isnan isolate isspace issue isupper ' +
  'italic item iter iterate its itself itype james jan jane january japanese jason java jenkins jim job jobs joe john join jonathan journal jpg ' +
  'json jul julian july jump jun june junk just justification justify jwks kafka keep kept kernel kevin key keyboard keygen keyid keylen keylog ' +
  'keys keystore kibana kill kind kit klass know knowledge known korean kqueue kubernetes label labs lack lambda land lang language large largest ' +
  'last late latency latest latin latter launch layer layout lazily lazy lbrace lchmod lchown ldap ldflags lead leaf leak leap learn least leave ' +
  'left legacy legal legitimate len length lenient less let letmein lets letter letting level lexer lexical liability liable lib libc libdir ' +
  'library libs libuv licence license lies life lifo ligature light like likelihood limit limitation line linear lineno linger link lint linux lisa ' +
  'list listen lite literal little live load loc local locale localhost locality localization localize locate lock log logarithm logged logger ' +
  'logging logic logical login logo logout logs lone long longest look lookup loong loop loose lose loss lost lot lots low lowest lseek lshift ' +
  'lstat lvalue mac mach machine machinery macintosh macro made magenta magic magnitude mail mailto main maintain maintenance major majority make ' +
  'malformed malicious malloc man manage mandatory mangle manifest manipulate manner mantissa manual many map mapped mapper maps mar marc march ' +
  'margin mariadb mark markup markus marshal martin mary mask master match material math mathematical matrix matt max maximal maximize maximum ' +
  'maxlen may maybe mean meaningful meant measure mechanism media median medium meet member memcpy memmove memoize memory memset mention menu ' +
  'merchantability merely merge mess message met meta metal meth method metric michael micro mid middle midnight might migrate mike million ' +
  'millisecond mime mimic min mind mine mingw minimal minimize minimum minus minute mips mirror misc miscellaneous miss missing mistakenly misuse ' +
  'mit mitigate mix mixin mkdir mkdtemp mknod mkpath mkstemp mmap mobile mock mod modal mode model modern modification modified modifier modify ' +
  'mods modular module modulo modulus moment mon monday mongo mongodb monitor monkey mono monotonic month more most mount mouse move mozilla msg ' +
  'mtime much mul mult multi multiple multiplication multiplier multiply musl must mutable mutate mutex mutual mysql naive name nano nargs narrow ' +
  'nasty nat native natural nature navigation nbytes near nearest necessarily necessary need neg negate negative negligence negotiate neither ness ' +
  'nest net netbsd netrc netscape neutral never nevertheless new newest news next nfs nice nicholas nick nine nist nlink nobody node nodelay ' +
  'noescape nofollow noinline noise nonce none noninfringement noop nop nor noreturn norm normal normalization normalize not notably notation note ' +
  'nothing notice notification notified notify november now nowait nowrap npm nroff nsec nul null num number numeral numerator numerical numerous ' +
  'nums oauth obj object objective objs oblique obscure observe obsolete obtain obvious occupied occupy occur occurrence oct octal octet october ' +
  'offending offer official offline offset offsetof often okay old oldest omega omit omitted omitting once one onerror ones ongoing online only ' +
  'oops opacity opaque opcode open openat openbsd openid operand operate operational opinion opportunity opposed opposite ops opt optimal ' +
  'optimization optimize optional opts oracle ord ordinal ordinary org organization oriented orig origin original originated originating osname ' +
  'other ought our ourselves out outdated output outstanding over overall overlap overlapped overlay overridden override overrun own owns pack ' +
  'packet pad padded padding page pair palette panel panic paper par para parallel parallelism param paren parent parentheses parenthesis ' +
  'parenthesized parity parse part partial particular partition party pascal pass passcode passive passphrase passwd password passwords past paste ' +
  'pat patch path pattern paul pause pay pdf peak peek peer penalty pending people per perf perfect performance performant perhaps period ' +
  'periodically perl perm permanent permission permissive permit permitted persist persistent person personal perspective pertaining peter pgp ' +
  'phase php phrase physical pick picture pid piece pin ping pinned pip pipe pitch pixel pkey pkg place placeholder plain plaintext plan plane ' +
  'planned planning platform play please plen plist plug plugged plugin plural plus pname png point poison polar policy poll poly polynomial pool ' +
  'poor popen popped popping pops popular populate port pos position positional positive posix possibility possible possibly post postgres ' +
  'postgresql potential pound pow powerful ppid practical practice pragma pre pread preamble prec precede precedence precise pred predicate ' +
  'preemption pref preference prefix premature prep preparation prereq prerequisite presence presentation preset press pressure presumably pretty ' +
  'prev prevent previous primarily primary prime primitive principal principle print printf prio prior prioritize priority priv private privilege ' +
  'pro probability probably probe problem problematic proc procedure proceed process processor procurement prod produce product production prof ' +
  'prog program programmatically programmer programming progress prohibit project prometheus promise promote prompt prone proof prop propagate ' +
  'property proposal proposed protect proto prove provide provision proxy prune pseudo pthread ptr ptrace pub pubkey public publication publicity ' +
  'publish pull punct punctuation punycode pure purge purpose push put puts putting pwd pwrite python qdisc quad quadratic qualified qualifier ' +
  'qualify quality quarter queried query question queue quick quiet quit quite quot quota quotation quote quotient qux qwerty rabbitmq race radix ' +
  'raise ran rand random randomize range rank rare rate rather ratio rational rationale raymond rbrace rdev rdonly reach react read readme ready ' +
  'real reality realm reason reasonably rec receipt receive recipes recipient recognise recognize recommend recommendation record recovery rect ' +
  'recurse recv red redact redacted redhat redis redo reduce reduction redundant reentrant ref reference reflect refs refuse reg regard regex ' +
  'regexp regional register registration registry regular reject rel relative relax relevant reliably relied rely rem remap remember remote removal ' +
  'remove renameat render renew rep repeat repetition repl repo repository repr reproducible req reqs request require required res reservation ' +
  'reset resp respect respective respond response responsibility responsible rest restrictive result resume resumption ret retain retrieval ' +
  'retrieve retry retval reuse rev reverse revert revised revision revocation revoke rfind rich richard rid right rindex ring riscv risk rlimit ' +
  'rmdir rmtree robert robin robust role roll rollup roman room root rose rotate rough round route routine row rows rpath rpc rsa rsassa rstrip ' +
  'rule runnable runner running runs runtime rust safe safety sake salt salted same saml sample sandbox sane sanitize sanity sans satisfied satisfy ' +
  'saturday save say says scalar scale scan scanned scanner scanning scenario sched schedule schema scheme scientific scope score scratch screen ' +
  'script scroll scrypt sdist seal search sec second secondary secret secrets secs sect secure security sed seed seeing seek seem seen segfault ' +
  'segment segmentation select selective selector self sell sem semantic semantically semaphore semi semver send sendto sense sensible sensitive ' +
  'sent sentence sentinel sep separate september seq sequence sequential serial serialization serialize series serif serious serve service session ' +
  'set setenv seteuid setgid sets setsid setsockopt setter setting setuid setup seven several severity sha shade shadow shake shall shallow shape ' +
  'share sharp shebang sheet shell shift shim ship shipped shlib short shorten shortest shot should shouldn show shown shrink shuffle shut shutting ' +
  'sibling side sig sighup sigint sigma sign signal significant signify signin signum signup sigsegv sigtstp sigusr silence silent silly simd ' +
  'similar simon simple simplest simplicity simplified simplify simply simulate simultaneous sin since single singleton singular sinh sink sit site ' +
  'situation six size sizeof skip skipped slack slash slave sleep slice slight slip slot slow slowest slurp small smallest smart smime smith smooth ' +
  'smtp snap snippet sock socket soft software solaris sole solid solidus solution solve some soon sophisticated sorry sort sound source ' +
  'sourceforge space spam span sparc spare sparse spawn speak spec special specific specifically specification specified specifier specify speed ' +
  'speedup spell spend spent spin spkac spki splice split splitter splitting spot spread spring sprintf spurious sql sqlite square squash src ' +
  'srcdir ssh ssize ssl ssthresh stability stable stack stage staging stale stamp stand standard standardize star start startup stash stat state ' +
  'stateful statfs static statically status stay std stderr stdin stdio stdlib stdout steal stem step stephen steve stick sticky still stime stolen ' +
  'stop stopped storage store str straight strange strategy stray stream strength stress strftime strict stride stringification stringified ' +
  'stringify strings strip stripe stripped strlen stroke strong struct structure stub studio stuff stupid style sub subdir subject submit submitted ' +
  'submitting subnet subs subscribe subsequent subset subst substantial substitute substr subtle subtract succeed success successful successive ' +
  'such sudo sufficient suffix suggest suit suite sum summarize summer sums sunday sup super superfluous superseded supplementary supplied supply ' +
  'suppose sure surface surprise surrogate suspect suspend svg svn swap swapped switch sym symbol symbolic syms syn sync synchronization ' +
  'synchronize synchronous synonym synopsis syntactic syntactically syntax synthesize synthetic sys sysctl syslog system systemd tab table tabs ' +
  'tabulation tag tagged tagging tags tail taint take taken talk tanh tar target task taylor tcp team tear tech technical technique technology tell ' +
  'temp temple temporarily temporary ten tend term terminal terminate terminology termios terraform terse test tester testing text textual thai ' +
  'than thank that the their them theme themselves then theory there thereby therefore thereof these theta they thin thing think third thirty this ' +
  'thomas those though thought thread three threw through throw thrown thu thursday thus tick ticket tid tie tied ties tilde till time timegm tip ' +
  'title tls tmp tmpdir toast today together toggle token tokenize tokens toks told tolerate tom tone took tool top topic tort total touch toward ' +
  'trace track trade traditional traffic traits trans transfer transformation transient transition transitional transitive transmission transmitted ' +
  'transparency trap traversal traverse travis treat tree triangle trick tricky tried tries trigger trim trimmed trip triple trivial trouble ' +
  'troubleshooting true truly trunc truncate trunk trust truststore truth truthy try tuesday tune tunnel tuple turkish turn tutorial tweak twice ' +
  'twilio twitter two txt type typedef typeof typical typo ubuntu uchar ucs udp ugly uid uint ulong ultimately umask umount uname unary unc undef ' +
  'under underlying understood undo unfortunate uni unified unify union uniq unique unistd unit universal universe unix unknown unlinkat unmap ' +
  'unref unset until unzip upcoming update upgrade upload upon upper upstream uptime upwards urandom uri url urls usable usage use used useful user ' +
  'userid username userpass uses ushort using usr usual utc utf util utility utilization utilize utime utimensat uuid val valgrind valid validate ' +
  'validity valign vals value van var variable variadic variance variant variation variety various vars vary vault vec vector vendor ver verb ' +
  'verbatim verbose verbosity verification verified verifier verify vers versa versus vertex vertical very vfork via vice video view vim virtual ' +
  'visibility visible visit visitor visual vname vocabulary void vol volatile volume vscode vulnerability vulnerable wait wake wakeup walk wall ' +
  'want warn warranty was wasm wasn waste watch water wave way ways wchar weak web webhook wed wednesday week weight weird welcome well went were ' +
  'weren what whatsoever whatwg wheel when whence where whereas whether which while whilst white who whole whom whose why wide widget width wiki ' +
  'wikipedia wild will win winapi wind window wins winter wire wise wish with within wnohang won word work world worry worse worst worth would ' +
  'wouldn wrap wrapped write writev written wrong wronly wrote xcode xdigit xml xor xpath xyz yaml year yellow yes yet yield york you your zero ' +
  'zeta zip zlib zone ';

export const commonWords = (): readonly string[] => COMMON_WORDS.trim().split(' ');
