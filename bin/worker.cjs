// A scanning thread's entry. The command line's own is not used for it, since it would have to load what knows of threads to see whether it is in one.
require('./leakwarden.cjs')('worker');
