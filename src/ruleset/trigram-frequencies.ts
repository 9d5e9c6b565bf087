/**
 * The trigrams that source text has most of, most frequent first: three characters each, letters in lower case, counted (in any case) over 32 MB of C, Go,
 * Python, JavaScript, TypeScript and documentation. programs.ts avoids them when it chooses what the kernel looks for.
 */
export const COMMON_TRIGRAMS: string =
  '   *)))))*  ;*) =  th);*strtheion,*)**)conhe ing---trusta{*)enttio inct  re;**ateuctructerif int=== {*ret coed tatdeverr' +
  'ode000tur * atiresfor)if*/*ame)) er to etuf (ineurn)re)*)nt or * *set stdat*)iloc todefonsectest de */andis rn valnamver' +
  'rea}**on ng tesock)  _inort) {)}*pro se***all_reistontcomst  annte*)sicees se porid nodize** ))rfinsernetble/* et_ fo is' +
  'tedmsgaddtype tliners oftraatae, _deyperinefieadne )st maext 0xnd torthilenablsiz))}get_st*)}itease noin triagectintrmod' +
  'esshis))i(stle regpriparof *)rendusefilre et ,* chee s a ) *_constde /*)oun, 0},*e iileticinfout betimimeque*msnfo*}*e a' +
  ')/* - ratper",*stedeste  ne", t iunt ca, sace fi*)  pa prran ert ss ahan_maeleic rivackndes t winotpoder_ind#dedernumcal' +
  'vic*#dainrrotinithmapce buf*stpatangchafs_en areddrliconeeve_set, sele =0x0ram trreqt trorfiee c;*}uncwitaliertalu, "lue' +
  ':* matsiopecatuernive  sritass  "n tonform*)/ts equlse*{*)*{temactst_inis,  pofunathexp_le}*) lian ultt =evilisnerourpac' +
  'rome: = 0at wor_pr ifpre chhercas en aroreervll  us ontryte_ere frd tcoue;*// *)u))snitskbdelatts =icath menmes extarnfi' +
  'reeetecpumetf t_enal urert tch al/**cesmacoidndiach sitex varcemplescntilatartobj, trecr tincfigfert cren**s moe fvoi= n' +
  'dis_pa.* ven;* eatr, arat;*fro0,  nuompe *offit  te.coas speredpti== x00me };*aac))c: " ha loitielfmaxinocrekeyuleign 0;' +
  '))*be aile dns nse, i ==elsleabersourmacatt atronta  -argtaiens, e unto_ullnceclunewtha ittus*)c le, pv->e od, bit:  {* ' +
  'phyd i_tocmdurc_lo_adssilloflas: r =e pracnedeseeco"*mwrieta,cat bletcaaansot tx_otorouorkref  cplents)inngent_dinjeccan' +
  'ce_e rten),*le_askmasv, memadagidappe muff ort rminide->sovet mmlxhateri di, c fa me0;*era  iumeenacods ilag"**ubeev,eld' +
  'sto su**/opeencgst:*)illire  }kub ad_fily ))bsgiast whe l  tielsecifiledrx_:=  :=rsisgsckefresigdmae);optn a clues  rdir' +
  'ch lan, nv1.tr  soink)},alsnneutecorrr duled__silowom )* _txcen32 ond aseso dahar))/ck .**d " bu, rman at_idueulasundbje' +
  '  d": _speuet *lidhase_srnet n_poinss oomm + lest_sigh->dry atcnsirt_ustsedcurpos doon_iese,*lerlud))tnclmitsseblo sptho' +
  '= sscragsedispa))enelve apige ude bynalool)**t fffe))gck_penespschtabinufra|n"ar _buwar | ditshopin_rxefarep fuave_ge= c' +
  'eth (!ev_e naptd begibas, aity), r "heaempcteaulu32 !=ordr;*r *ut _noe eoinbac.*)fau)copute* ptess dleue got we, f**#s f' +
  'ld ac,arroca_tydenr->cladap ge vo->rt_csw_ttrd arolollt o_liginp->= rer.imp la* `*#ipag timon->cuns"* ->p, bruncri_erant' +
  'ruepla, &e bt_d))nlog **w_s ni scardemot wmbesinte(nul cprticaprs != ffso te win_ease*)))podupdabelt pd = ele->llectotre' +
  'atsncte_cp, n, l;*nil= t_chnd_labown bat_r acs sgen_caauter(: {supenevolt: rtwlf.ta is.ripakefalear sholusys -e->irterop' +
  's->)//henrveer,s;*ost_mope )= **mrelbre_dalieit(eme)go wae_tmpo & * trrehedgnede_k;*gro_frr a_aces.soct eokeev- /*anceed' +
  'e32#in_dichises|u5l, t dbooc iit_dexs:* taon.e)*adeualhint_tkerfse, m)cas);_cmuppxswe_iid_upd_flet(lxsttegis->tsenxpe));' +
  'poln i nacopnabac_t);loatifoad ou~~~sti bo= mel ketlum, dien_wrato appli &&is_hourracli ""tivdreay but(int-> ras c ml*)e' +
  '_op mie.*tp_umbwiln s < , uomendl00,hdre_pghtds  *)(ren eer)er-by (deg tlecd;*d *_un|*)an_ipteof opn;*oryscanicemaoup_tr' +
  ' __httr ipoiyte->mgs dec*)p)deexivid  mttp_ne (iannof(100n rded*)m skial))fn =clee_rsubrevad_eakcolze ))d keex_gestde  *' +
  ' 0)depwhebyt_taorsashn",nex)*#e_ds *pu_d cremrstad e <*int_pmar= pev)hy_)0xnon 0,r)*invtalnuxfaierfrot802gerampal_s_irvi' +
  '021pciseqkin {}ma_clonin bis non:ap_s.*syn_of petco))"urats.))m.re->n(se *p ipctlol ctxeac*)dori (rdr__aln -fac *stope u' +
  't_irig= ieckt_monlongn f  a_exinawe (co)__n: merlonitss.iunlcoe= fimaqui, orayhecmaiflo rtck(ed.nt)* cr);e) difk);plu fl' +
  's* owe() s wcacwhi* sme,d oarsrtlng_rag= {f, d fic_p_se_appon coexmd_  #  pus s dth_ef   |*)fuldaccslag,  crrib_climi"*)' +
  '(skoul= bonnngslte, vrtsc, layermyou (sepou8 etsy, rgese_il ecit_ftac upppe 0 ein*).xporiole332(  fmor_hauni)){ax_etr://' +
  't)*} =anyn os_cccesk_etd |* }*y tt) me)s_s.na}*  muzeoiseito,ea.  _bat_a imt_b, 1ede");  /oldr: ->fd s, l*)brseme:e(ssp_' +
  'rocnvas r "s idta_211tr_t l tyid)ponynccepsitr_squaitcopsengopyetigrabug.h>_raorafff_nanlyr ch>*es:iltet)."*dowue)spi11_' +
  'on- obu_tela)brunkolix_s*)wdrid_sfirb->_qugrelemsct vekenebuotheplak;necery|u6e h","varr se_ek,   e_va*)them_tists: t he' +
  'spo { e))en)""*ems{0}_ctutirr_ qu)er ||):*r o },k8scifurr. trovt hum b, )fo_ph.io= (o a)} t(s->bxis= duirricweroot*){d: ' +
  '= "1, aaeiss 20 (cnes*};eaa.po->lckss,*->a "aett_hwch_bin drno abextee {iv-misew _t tilrieo_lcnteep, wmma= at,*irqeferal' +
  'now*codr d w *d # e v* i&& s)*hw_"*"d->nlonc  (eooklimd);tan)u3ip__kewide_mif_diose*me_e_fhosyst*exon(ow t ucfgesufo eno' +
  'uthck)nlingtote_riedusum txfix "tn nrde blodsn 0n bee  ``ctrng.ulaor_lus evio_iernds16 o->x, epr wrus_t_er_pidx_atee_h t' +
  'tl_ales phorre_de)enu*)_8s.thrut_deb; i syio/e " sa.ge  bovictpmicosee_ls_rodictsc_cnorme. *r>descorru*deisadonum_x_cig_' +
  'a sod 0)*carev (er} evedl);_hejanrr)aitde-t_lll_(0xst.d rts_et,s_pr_cs mwai  net; "%eeele.c->v);rnac ved,mpt|t|ge_ss_= &' +
  'pe_gthota  (tiay a* r <lupter*t))ux/oc_mi_ } x_r  {o sonas. e",()* hont(p =eq_>*#ega.asd_c_biidahe*f a))arup (t*// *t)sp' +
  ' *c= 1ptrfice. .derfsonves_mak rxp_rmalf.aeg_}, )unxfsmp_ cu* aiscamsem tag<liirsse,d.*havnk_d,* woipvell_fovelor(tie_cp' +
  'litve_")*"nomt_r_ir ( mtncox_p))0wmi*)aal(gitqufon"wded lnt,ps:ologmamusup iedswi*fuc_ssha)prsulnve.obcer_onae,_mer) ty ' +
  'winngotrlmayn);_suid,movl =eanilimulsabltie() 10q->epttomls ue,le,o os_tieed_pr_tiblceles/))=d)* *a_blrcu|u7djar erulgic' +
  '.st:**t*  hindo.ses",dbgt {roo_evibu ruagish_l_s= es_depae glugn"*st,o b0x1levutor dde,s uttiiguce. pl kuel_s) sono_crns' +
  'be_mpaosi)se "d)).ng,up_g ac_rd_rp_csagnaticy "cbtcce(e("ana brr_eo cildichy: 1;* yopeearyliz "n/co200c =rok auadmy oap ' +
  'tps vist)s ba,  i laron, htso o eomiriadst_ped p_mshicmedk_btaslt ();btretc : l {xt f * ph(nel tes,r_aonc_rso d*)" xfk_s';
