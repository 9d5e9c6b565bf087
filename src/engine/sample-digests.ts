/**
 * Credentials that providers and standards print in their own documents, and those that emulators are built with: SHA-256 of each, so
 * that none of them stands here. Compared with the trimmed value.
 */

export const SAMPLE_DIGESTS: ReadonlySet<string> = new Set([
  // dotenv: the password in the address that its messages show
  '51fb552dfad78676159fda207c7c6708bc7c788416c869eeb0b80fa7f0d4a0d9',
  // AWS documentation: access key id
  '1a5d44a2dca19669d72edf4c4f1c27c4c1ca4b4408fbb17f6ce4ad452d78ddb3',
  // AWS documentation: secret access key
  '78314b11be2e581549ac1c4f616563fad3fdf0c3b71678f6e2299182080e0598',
  // jwt.io: the token of the front page (HS256)
  '7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606',
  // jwt.io: the one before it
  'da816f9f2c16e6c5390e7636cadc40c43551bf0bbcf8f36c65539e6633a9c5e8',
  // RFC 7519 section 3.1: JSON web token
  '8d4ef6536dc8895f256c1e0d95dcd19763036732d64a095e44a90ed444267ad3',
  // RFC 7515 appendix A.1: its HMAC key
  '8b1b17a9740c068accab5c3d0d652c8e3cc13206e70bb73b42ea41d4c2de3c12',
  // Supabase CLI: local anon key
  'bf1725a8f98bea37e88618702e725ba84bd8acdb2647c5e0ed638bfd685791cf',
  // Supabase CLI: local service role key
  '70541e07fd4f900b66e289f5be55c85f9bef1def4924a5b0c518c45ea1688c12',
  // Supabase CLI: local JWT secret
  'a064b502e61d27e94b8717290e5e1b32e36720e9fbdf952ec81a84c07128cb37',
  // RFC 7617 section 2: user and password
  'e30592c37ff33ddbcf5bca999e379f4a73dcab070892bddee33aae1d4a02e413',
  // the same in base64
  'cf4d418ed3de92d71f767db5391d5a2dacd40e1ce49e75d1137e2ecf4982d844',
  // its password
  '41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb',
  // RFC 7617 section 2.1 in base64
  '687da00b09c83361bf3a2853b3a0c7d63ca5da870c8d3cdc20905c7aa546840a',
  // "username:password" in base64
  'e4da07ad200089ce7f40110f02910677ae48b4134c1df10b4350062fcb9a32b3',
  // "user:pass" in base64
  '0e9d220616f08345a714ee57d8516310770588484b5239844635f952965e34a6',
  // "user:password" in base64
  'bdfeaef44475711c3abaf41d3ddd35322152714fb6709850571bad470033c478',
  // Azurite and the storage emulator: devstoreaccount1
  '0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059',
  // Azure Cosmos DB emulator: primary key
  'aa6547439583c3a275d4542a0df6c1ad6a863971be9f2a2220f027cc02aef615',
  // Stripe documentation: secret test key
  '2cafc0970149a84f3b9e62eaf169f36f59907a3b3e31f7b82e68c69cd27f7326',
  // Stripe documentation: publishable test key
  'b1471f544ceeea31333bde7e1ecbaad6eac0d4a749412ad29bd66ef895b81c6b',
  // Stripe documentation: older secret test key
  'f2d6ca16515033e5dce14eba840b979d27b5cbae24bb3e5bf484339667f86397',
  // Google Authenticator: demo seed
  '8be5d113c0871ce1a122d68a7dff940ab7b09ad8dfcfd9a85aa5c1acc026279e',
  // RFC 4226 and RFC 6238: the SHA-1 seed
  '6ed645ef0e1abea1bf1e4e935ff04f9e18d39812387f63cda3415b46240f0405',
  // the same in base32
  '549c9390539efcfa01d2744e82e7da34409a63dd0feaf310f7a6e12551fe7668',
  // RFC 6749: client credentials
  '3e545ee08a590a6bb0ef9b1b5df39c4a6b28a5ccf276d74ebf637743552ddd73',
  // the same in base64
  'ca7459e2b26776de081b9a07e40227fd6cff232a1e3233ff6b6aa6d036ca9981',
  // RFC 6749: client secret in the body
  'e9974c507d2a802143f614c878fcbb622a3800e05e6e0d329fee2c5b6b243329',
  // RFC 6749: access token
  '6c96130f130ab0d6d158397e24d2bcc1c9a5e73ae081f6e983f1c7b545d24a4c',
  // RFC 6749: refresh token
  '00cf4c781dc37003f7c7dd7d4c9a6ef1e0f4c62d9a291aa8bc398774e3fefd32',
  // RFC 6749: authorization code
  'a35b81a7d7927b70ec99270dd2362b88580a28574af812f2c02f56469579186f',
  // RFC 6750: bearer token
  'b8e148545b13c78bc74da2f1a7275dd71e56ddece129d7d2f7b3ecc06f7994da',
  // GitHub documentation: OAuth token
  'bc3ae723f57c6b9e3fd80b699fcc420f6074b0b1718039669d22631d508ac0a7',
  // MinIO: access key of the public playground
  '1bbb9293c38acc5e510d904495845d532df64a9e5996b2ec7c86cc2e2ac33b5a',
  // MinIO: its secret key
  'df452eef23e8cf2c74af54c0c7419c05a5ec70ef4d5c2eb04082b02af8c55598',
  // Hardhat and Anvil: account 0
  '60a09e4357868c1e9b801052726d061c370429f723db84523ed58ac354f6eb8a',
  // Hardhat and Anvil: account 1
  '095101cf732c298a0ce0320b9de704209cdd8640b70d8fdf4e5be51aa2eb272e',
  // Hardhat and Anvil: account 2
  'bb4978fbe7638de8e6ee13d9a59a5fb047beb0f0ee059fe166541b1f96b6af63',
  // Hardhat and Anvil: recovery phrase
  'f79cd64f9cea237897b8133e4b905b361c6f166faa5a1c64c32280938f5b707e',
  // BIP-39: the first recovery phrase
  'c557eec878dfd852ba3f88087c4f350f09c55537ab5e549c3cd14320ec3cef38',
  // Symfony: secret of the standard edition
  '519e3ece10ca70b6627a96452aa2145231822d1dca281eb6a4a29a85aea71b3e',
  // Hardhat and Anvil: account 0, without 0x
  'bc1a50966c9e6486bc4ebf880b51611a2a97fcb8e7a6976e9b81a9e3e8ca0e3c',
  // Hardhat and Anvil: account 1, without 0x
  '8335c55334821eefd4334369ff9c04a8594f161013cf9d87f58802d87297837e',
  // Hardhat and Anvil: account 2, without 0x
  'b26ab6529d20ebebb4192256f202984754f785481c64b1a1aed58cac93b3617e',
  // FIPS 197, SP 800-38A: AES-128
  '2ef2503d964e9668092e6878d3c390ca7909bbbffabd781857115e3be4bb3e5a',
  // FIPS 197, SP 800-38A: AES-128, in capitals
  '4d4281de01883b3cb68eed3fd3a0b18c141b8ad1ba4f57ac487fc66e013ba862',
  // SP 800-38A: AES-192
  'c12ce25303a023aa1317614428c0ac8ef707c5a370d7c766353c66df5d2cb46f',
  // SP 800-38A: AES-192, in capitals
  '7ca9aa31a1e4b5f5b4e6031aeb71ca28f34a8fa92331824eaef69e44b9eb0e19',
  // SP 800-38A: AES-256
  '837e8e636d452b6133d5a5c56de1eb57c08a94bbe632804fa621a49014c5c034',
  // SP 800-38A: AES-256, in capitals
  '94568a90b4fdf644ff240f31b10684cb94e6bdce1824b8ff797bfcef189319d4',
]);
