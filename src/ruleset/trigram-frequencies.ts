/**
 * The trigrams that source text has most of, most frequent first: three characters each, letters in lower case, counted (in any case) over 34 MB of JavaScript,
 * TypeScript, Go, Python, C and documentation. programs.ts avoids them when it chooses what the kernel looks for.
 */
export const COMMON_TRIGRAMS: string =
  '   *  ion thingtiothe =  re 0xconstrhe entons*)) intertyp cotridef// ype)))**  {*turintresret, 0;* rin stodeateetuurnsta' +
  ' * ameed ectif foratierrvalnamnst seester rn ineon or st );*pro---ng  deis ortunc  * to:* */*,* essfunnte{*)selall ispor' +
  '***)// noexp*)/ ifthictialuelfreato lueandhisfin an  ipre ex #   #in e, )* efiparequdates  fo a  ofcodith* *menreqse ext' +
  'endof tatcomtedrro  rvertore srorite */ prsersetcheilene jecgetnt quesslfieuesope  switindont{* eadkeyobjptitruist/* nd ' +
  'perdererss a*//.* linlf.,*)filoptertref varattin)rert 0x6tes casiomodsl_let) {notage wie ibje}**asse tnde er lere ares t' +
  'aracalle 0x0temchanct pableata finodone/**;*)aseera  \'useultnce ma#  th   /mes li be  cizemet*}*e: e alenins  0  "ef imp' +
  'ssisonct  oppen arll enseldielt, ts numclae* ack as  }apioree c tycatal tteere  ttenattargn ttrantiablencpatrces, latces' +
  'ce mpl chace unnse  emat fuharign):*rom#deloc)**jso== * `*#de oet ramntsdecemet iali usf t nutho }*pe  /*liclis geis.esp' +
  'orme =nalan lse)}*timte ntaste)*)**/t timeevenew trme () , snedulee fullot rectar": out mohersizlasemp}* ===n sele  duct' +
  'aint sde art enmitf, sindesfro **ecomponerit  ne or | ecktexomprenour-> ):  ->hecf (act), xpr*)rgenxpoarshttple.*)athttp' +
  'ds  ==ethns : "\'   me, etchx00;**}*)add na it fr on siincsk_pecnon, it orotas etteses in aat oidrucifien _st  p))*nulodu' +
  '_inervdinema= n_ch_cottr(sebe otoer.iceokeitimbefer, t)if*fusouappurcute alinisigl_comix50", hanberponeatetespoernon: lo' +
  '.coly onf5090x7ran*)}iver tar ang**)rep_tyvenlesue  whe rndialse pthaom nc leavoi laracncot adult ccreroppos bynfotic //' +
  " '|oss dosagldspacclobut, cundmptideadeplas =efaatcaul el))}sed di hassefauordsenuren cnitssaockck_gleancmaplartreinff._" +
  'tal soicaid ato __speptynildeletaputd t_reirehea clene09_ail su",* atumbbas))rpe( - ina nioun= 0oolumet =  lredd, t *, o' +
  'nsi""" pygin:= _pyild !=scrrmatabss nfiocartiritet_casken: sarr :=engctxn imartanhod`jss.*enae dsto, "iseer_escrse ap},*' +
  'le._se  fe*)bufngtreg"`*s frib  ats.ch n:"r, s st farycribui= suil*)ilemelswordexyte boe) hatbytminxteripgthic , per(s* ' +
  'eprtaisyn\', supngs faoinuntl l, ae(serirue ""thribuitye n: tdenkinommrrae m()*(cos o `j};*on(canove obd is nmantaglogast' +
  'e;*.**univarsesntrcteffenss poexctokostillnge tes: ut ://iptor(clulitld ctorai_sknremalsho.stes.curiesloa + tpseptfla*ex' +
  'lert { {}e et: eso) =by t* antshaachuppcor bue:*2,  imckeo t rafigs. runlloe.*c (pri keesu1, rrelowremraypy_utiighr ierf' +
  ', nd a_idust_t difecl_dele_reertee()nin(skd becirs atuors} =n ne l"* = "boodirt) caphasps: { rr r acols:/l_s da0, uns, f' +
  'dis?: ")*ogl vo sp0x2goodoc: {rsiwaronage devcepg tn ospa: nlagfalonlstsooged.scht r;*}n, sit= tdedrveng(rigsub taledpli' +
  " syedef sil r)  `puffsul000on.st_pposoltryn* s w* tgerownnt(ve _ge: e.rebin,  , ').*  _tac**fanylud shlidolecopose=> nly" +
  'isisti_ex)*#ncl4, 5, facbacorie uwheasn_prt bl { wa!= off**#ilslan _pty"nnebitual\',*ampdlee {ng.r: n1_eofry e)* =>onrct_' +
  "sn1sma, romerou###n eodippe3, seeicosec: '.deudedep))c |*on_r =quightrtshen,om. *s cwrid fr oloulle hens.emoeinmaxnveurl" +
  '*tyrtyey ricialy"`er,ndlndseanrnadrevic hta, invlont d osgese v";*  |hrehemstdoudpes(stmor|* _na: 0re_couty scot eliexce' +
  '(nod o))i adonvmemegitilkercenme,ew aveondtiv""*yob sssysrgst nedig, ))"oryptregeonnlibtift pr *am e b0x1 (cothoadagspyo' +
  "g `inpwinl,   = idecacli  u scr*  baer)he*scae w  omaif _lf,lec0x4d =  be,*ce( crear &&ng_gra*)crns biien'|ue_tdete. lt " +
  'd.*iedoted ssk)) (s) git/ tvelnar_ctong *)de.uir&& f aiern f, vd;*, mook aclobpoiyst(int.*)coeliitaon".  *# e_cetst_cwhi' +
  '* cs.s *seasinkdit"*)> l.in_pa sk.secif= {gs \': ped, b  vnor/ sgneupduinffst wed_houd* nat smnesollorccerh t_lof eurrrfa' +
  'etry titsunk  me *aris)*(va= ca srald clde*de= rnetfsete_rgete.ict_maddr(os tir s.ma_fid: necls.y, imior)answilubligin r' +
  "glot;*));pdaautt me.g  n vetop muhalork))wlti x5 ||'|x: i.gof): oupol*ins rnpuctsrst`*), lmishavng)}, nicify (*tias pepl" +
  "yncrocnd(ow  vin brvi= 't()s;*.or, dacc flquaor*eam_litom= fom/iltusis.park_ponex*corshorgde_aistusplue gmsgrieilite(ndo" +
  'ck dowenued,ng,)*}e `nt_.ge.pa) *//*(thaker cr e ru)},nt)t_se htdefixnsut lexa`pa|u2olime)opylooet(floexie):er*: v miefe' +
  '  gketc, . ichi (ent.e_somar mrawrowe);ay osise:(re ui0x5on*es,r :visllytpuon,cceashard : donng*sre } `** wexpe updicblo' +
  'pt nvoerplos, ume())  emse*rmipe:n;*y iecutegepammehil||  (smma (i65,de,frerel= 1f nlev_asfico a)wit u_noxt en(eti_sita ' +
  'issrs.groeenx, exeue)ed*x65ynt) sdomllvirs});utp*im\')*pi tax grpitnt,*#ilveal(eerr;*socgre(pys mor_laclusn =trorar*)"tit' +
  'hinmerafeaskes:itt/ dk_tn mof(oulliz_opolvy: revt_iuld (tid_veds.cocelvm))tue:f irg/* i.nexamsor),*9,  "ttst/*#_catie_en' +
  'hor "sd ny ok, rolrdeit_n p...t v sa*)n)0xse(r ftaspinpass e  {ngl/  : rsrc= ps dbior()brasemlabgnop, eak cue",_vad w_fu' +
  'rt(etobre `rrt.ct.hrovok/ r* anowrguid(e**  wroj ho= aoje "c.lecb_d *st( evckagumoncria_bi. t: b `st (bodtr)cacrt_`reody' +
  'kagthu pees(icy go *cddes {8, de(dfiidax6foupr !t32altee t64lf)_cl6f,medeacid):  rul"reyou.jsn: f c255monams ot, _*)*s:*' +
  '#en*)0e.crap, {ol firse,aitg as (enot(snc(ggeknos);xcbalef fy a())hubhoss bmpiermnspabi*stle,cum) ot  ();le(: f_atobaevi' +
  't",me_lfi.pr); eedit(**t*)s: (in(: acuteapks epo|u0_unblid_s)  erc/ cal_pubriv "alims()od saf0x3ndfn.*uth/ a_of.en_x5(* ' +
  'splr*),0,in_.lo plnt3ptsze  bron)*#euer yost)mus },mpand.ebu_ditwoaxkllf_ne().(deheda co bxkipplc cmul}stnt*h an()frae(c' +
  '(dand_ny   `bil ? balarcy cllils  wrxec0* olaad o s* ser:mic():ed(pyt!==y =```se)es)ne*e__gnae "cryy d, wtecotasepe_i_me' +
  ') t.clhowx *d ra l_alasyann/*)piler;nliery.exue*ocul*)embttito_= m jseyw ((st.ywoum lefdiat_ttco *p, (hes74,rchce.seq"st' +
  'vidl bushue,oldt)*k_oligntorprx74__ b.ci rex nchima;*ihicowsuriue.heluran w}*}debg =e":tup///s uada.*fiches*.me") se_t h' +
  'lte\'* ero0,0inule*upll t, 1re*: u *aenvgs.(htwaiss__fo*)doti"**ht fairov{}sde: "ndou/*/oot**c gl= iefode)ub.n _bug= oh =' +
  'ausm a 0,d. arnlba_frteaiva*)og. t*)peead_rni#if.ket_p{}*s.lk_sellythigunen)camacchundaorape_tletoitprn) gur6, t xme.y:*' +
  'ef.f pron7, l) __(k_xce_ptohun(ex.__t,*l swei: dcmptel:*)pures"s"* i r.*syml ine:d l"co= (e")pe,llb qus.e ab/copeot_fst,' +
  'duc)opzerll)**i) aovi(opxits":_crnt:_moeftno fuld)  `tnty_veaaa\'s  srl* })*128r psisou i32emskedtx_eva*)tetyshi_day s/ e' +
  'th)f r.isttyry_r no ielaal*etwr rif*y_s/ hesi: ps lpe"h, us te,.fisumados",61,e (: `pus (nme:sk,a pinlegaf mm t) |gatry:' +
  'epedrastyes_utorney* g int6arbn dlia= v/ n.vao cr dicloloslijois*)**ddarts*s**g) x61r (or.f":_pu woeken uag_>* cks) r= _' +
  'oater"s.mntlid;el / pubs* rugi) pcrorco < "de llt.s{0}/ f*) e k_trnab: oito 1)fff. s roryepaggis.nase.aweelone)aft= g)th' +
  ' ri "rlt,stchuaos.({}> {_kesamclemakso e*/t);vatme";*ef o puece +=ve_rd  (ouawgs)d()= lowe.po")..er+= yendigs_c xccel ut' +
  '`, ed)e_pef) })avais*: cze_was x asct _55,  (luge(p__pppi_le(pa*)f/ap `e"ty/ ir)*s *tr( v1pl.ragsh(rypd(sn "s.ae("e _yri' +
  'r):ctuth(krerksmasne,.0*ta,(tys.is,*ta)f ltna.tyk),b, giomagts,ulae.kr we.sg.o;*/up isototle)ddifteeqdqdepi_efud_crs)ncr' +
  '} ey_irim_eroimnno.hemaype)we eal "dg()tx,r,*is_(__e  ed:.g.n (g {fearidflesso_ad_cecedisa= dmbohonn gngilif= usidrke "e' +
  'emipi._it* det.x =ape*clth.ltsev/ll() cnkntoobeleic 0)(e.s._onis.f  hd pmov(x5 mse_aidx} f*)eyinpyae(nuente*anaiffolung"' +
  '/ ots) --ty:id,n\'telpaps) itx rooue;rpcs.n,25th,(c or:(),ala(*)`exe))adipopt("l =}(ht. rabct(efs au.op 10ms  "p 0 icied;' +
  "bolle:ibltettocquogexnsoeyse_giabnmebst_ =a td dt.c| unk swigoritr> cynax6e';*wraef,l cl aes/on- ov_(s&_pke _obalp `bl)*" +
  'mp_e_e.joasi > rod ``d e= ecem6e,_sog sh eg;*al) \'s}byr {tos= bto*or,73,xt.ymbbig32 oopousvecgnug og(" _bslo/huil*ee*nva' +
  '> v_su "m=noiatll_n {ycors,| nu25etce_f\'t )vakup.*/re.ey.))sx73sofssuwidgme*};efloco{ "t.er_tth_{}bloricsg* rdsl: oftmeo' +
  'a: es{ pire(tfis_suot blgol.fosimmmoyptat(yle"in/got(ctidn(s* f(erxt_)){"-">;*en.folejsa nisc69,d mispaboen, gi" }__c");' +
  'lla` iamied"agiceilpaeouk_a pt: m(na__is):ctry bs.d 1  (m_hain*befikeeba_ba_bunomtua drk* a fet,cauwayr ba* ;\':f;*r_sdst' +
  'oub(ct_do72,_tiljsen)iasd);.unzedtse c.alje(ox69"nod_a_is*vaalg(lete)n);cial;*t__rbirift:*s.rtyl s.snapkce -tls ompkgutf' +
  'kcs(pronm`* c *oku:"-.ap.cat_d-"`em erlrrin l ur(pt ..r lk) viryunpicf dskixmlr:*tno*> (chos )fosibfbuefb)} .ad_sh *i))m' +
  '__s i3d)*0) tp.x72 *bgs,dlilikncy`*}/ `d*)unnr_irr*n. ur )detobxtriom % she esgo.tly63,**epe.y.*g.g 0; ".e x_fldo eduo r' +
  'ckrtr_suce_dv12r(sf.nabs _ct_m5,2 "obou "if64.tons)ld( (a  )deapyshdre` ifnt_e (x, *rdipyu 1*) mgivol_*pya rel.100_arx: ' +
  'e(i*)midtm *e <box= &ge_aberr_l *ve()/*kip (!me*ng{tfo)})e.t.puld_  xng;eepx2elex. b.wi# t9_se_nuggatsew( "fwer"htp =(fi' +
  'o,  {`32_tcan")| {iany.s *dyvaew_ eact,g fg/a{};up_phe*__/ ur un":<t>2e,x63oggneelop._sd uapa, |, gns,t_a(s)_sseeky fx);' +
  'ift.ch_cms.t_wief"cntce,ndrrt,eexc =r);s.o*)_e.l "$pthdthar_>=  "lue(d,*o etadf**o dhtmsurnd*l p "#xt,ys.il,fous(s0;*e_l' +
  'ry.*/ 021)c.ilaays  -cusd vfasta__tan(nr(" "b*)pce*((pr. "pr* pic_yap ctnapishcipoes**p *m.nocitstuut,tmlhoon vg);ok # s' +
  ' >=o.d. "effads## ``*64,r(enegitc//po* = 2id"r))icks?:tdo \'\'ss.ttaseast*g*)"} tht_rapeaap no_r_othnlaynthcco| "xt($re))/' +
  ", /n `g_s67,otync_//g 1,od( <<dot };ef;k;*(artlix01i_f:**ge.kg.ctlogr '.tpa 'ntong.*covrogf.sstffo _, t g/pkh ctvak_c))e" +
  'ck(.bao uawam, ct*c* doe.liefc*##y pn_sn *.sogs{"$rwn *){e,o*mo* m1,* 2.an;deenelon\' (pn_ccs.x67* w.""mocrp_"),/gicoo* o' +
  ' " e.pop viov/gasoix `lis),t_lg c<<  `_nt8nc)trlt(o`.*al,nsfct"ge((x)dr-;*co py) ey(_ushif (l#hdnt"s.gle"64 aire |en__ms' +
  'st"ag l r" srl_ngrcssn" l ot_nh irsais;d")s  x6cy wtr ys  {se" -fopi#rlps")__neyve_rorrgedi#h af_toe(dse".ur211ipee 1*ct' +
  "ef(6c,t((pr:(x lum16,onp_hek_p(mompre('urssrpo w_te');rofem_._c eqt):}: octfcnd h -1ts:ta.e.rsdog_iris.htwan* ece)slaxis" +
  'ns_owi avs.htwa`pr2.0e(t ().wry rsctch( ({hig kig *paipips h "ul fsome_m \'c `d0x8`__k))/bi0,*a =panc_td):x) ck.t_rll;aga' +
  ' c ll,802 0*_ *.tesicbet*prte:vitcosr_p"ex|x0op_dy sei, k11_ag( 20n)*a dhetl()ds)s.bedskco.si#in- 1on;_nuex(f* olsumn(ob' +
  's" ms_# il_dp()pcoreives*)&s `cho((s1_ic secs)nl0.0i64ueu(c.ftwfndm ide*aloeuethslgon,*r(ciphe\',meanguocsono0010xfcyr../' +
  '(vop_ck =foo"#/l_n & fs/ec ttoneo _s2_tn",))fapt_sredam =t.m/ "dupcobl80re:nl8 \'ans:nagf32 (dns"9_vit.f ve),hot){ }) ax_' +
  '{stsdkfo_e.er.srta(meokim \'g_t.ra/no.arng:|x1izaey_)"g$de *t/$di =al.w nds,)&_elypadeidanibarjobe{}uditip `cstnawsh s32,' +
  'ccud-slreuschaieobfy_amlatf"gi# c)daeefglith;n*)l v  ya b.do1* h oa m200*vo{})i, dynjsd) etme>> nd,teo#/$erw{`lf gmil, h' +
  "tda*``upe cy_sathmibrriz/uttep.tsta(; iguae j.spiro))vc i 12uee`sttsir_cme=ns(erb `fsabss*llsu32n  opsc) ross*/e 'tr,_th" +
  't**op(p) }*/obser-(ssn |ze(zonvie 1./ru"./1) tee _tf.czatg: dgeuidt")tsc/ l-- ntt t.//#n hs\',: g_scm s.tr, `laits(l**x d' +
  'rilnsanvits_y. o m256phaiewd(_t(\'pyric*bat(newishnausa12, "gng}/lim {o)*o ncrleitnidd(dawiofi, 2yamxt)id.s(ce 2g |dorox ' +
  ' *oey,<= e(fh: *re *xc: agn `aanehol.moylose;|udll*) fvaiitncmdce{sfol_akief() fet +y nh* d_tx12ct)pt_y_p_acx0370, ce_go' +
  'ze): h.*tui_ir ty,tlo"lin_t" |s veshs)) >>*ar\') ne.s.jy("gs"))dgotue_`tse\' *x5et:v3/(aslsoetp| s/*e0|ucstnuet.d\':*f b.0.' +
  'ak;ixe}="x0asat+ 1iou `iy v*)vocct{}caror"rm pshwalel*y *ft go-rva_pk# ajs.suer hms.` aply"un2,*)st*)bgn*y ex70io_ \'m{ r' +
  'tmors* \'hy_c(id \'p (re?:}*eecr gc: 1ud.-cope*28,egrsci> sts"hto <=gcoicr* uxeducc"sels_d_e)infecd.tat_aci;*vt_hr",-go \'r' +
  'y my(s0a,obun xthl.asrpo*)uxcl `nd(cenith:nt1n_pk ilepsh 1_sef`m "/ mty.__asegtma  <tp_ploap(er\' duot_*te.butdi "hde;e }' +
  ' \'fm cdd_t_oy;*f(xt":).  ok_fa(lip_pacrergl(oh) gcr(evtclws  ")r gr v{},rwids.ze,fo(}*f* ls :ps  *rrn*__)yreptepe;edd \'t' +
  'n*/r.w $' +
  '{ts-legd (ut.(ke" -h;**} eivewa \'ba wf `esrr `nkead(ee(el:-lisl 1;*)"sey) twre/uat{i}  1if())b9_l> dd_darmt16s_p' +
  '(o)uch16_r _ly.sug m.ncaet) awp_f \'ds` (s (ma_ladbuf.pry)"ma-bim* odscii %szipb: ("a; /nniewft(taphnd)e_out_dcoweeoc_ge)' +
  'nsc(tafut2*). anisog(lddge,is,web*)arads-i.daip me}mos)),**s)tyjs*rfcof"s.v* gduredtrfolt_ hi _asprbroa h {"002ibcg e*)l' +
  'ad.x25`deadm  kg)*cs1l(cf wc.sd -r(\'bee2 =sk l_lwfio =dna* nas_cy_/re"teax ne_dx)ucect{x20ls"t_b_impooechpprf xt?:un alk' +
  '`inrc/tslo*)s + _gf.dly_01,clss12up(dme._fcxtap_c.hiplpstx_s00bff s g.eq-sddk--in"en__r()` eio-v0)*k s \'iud-rs(; end:.nu' +
  "nosjs'd_praflsta vcin &s_gn *lc.c{inl efdeidsnci64>_hiy_tns*nks{syn({; }g):t))e.i)fi__eeopots75,f =fy {1}ffie(expllt.et*";
