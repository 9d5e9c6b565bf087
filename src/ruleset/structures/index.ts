/** The registry of structure checks: what `structure` of a rule may name. A new one is an export in a file of its family and one word here. */
import { address, split } from './address.ts';
import { awsBedrock, awsKeyId, awsSes } from './aws.ts';
import { byteArray } from './byte-array.ts';
import { grafanaCloud, grafanaLegacy, mapbox, onePassword, sentryOrganisation, tinybird } from './json-token.ts';
import { jwt, jwtInBase64 } from './jwt.ts';
import { fernet, nuget, wireguard } from './keys.ts';
import { macaroon } from './macaroon.ts';
import { derInBase64, pem, pemInBase64 } from './pem.ts';
import type { Structure } from './structure.ts';
import { atlassianDataCenter, basicAuth, discordBot, elasticStack, intercom, jfrogReference, nxCloud, workos } from './text-token.ts';

export type { Details, Structure, StructureUse } from './structure.ts';

const ALL: readonly Structure[] = [
  address,
  split,
  awsBedrock,
  awsKeyId,
  awsSes,
  byteArray,
  grafanaCloud,
  grafanaLegacy,
  mapbox,
  onePassword,
  sentryOrganisation,
  tinybird,
  jwt,
  jwtInBase64,
  fernet,
  nuget,
  wireguard,
  macaroon,
  derInBase64,
  pem,
  pemInBase64,
  atlassianDataCenter,
  basicAuth,
  discordBot,
  elasticStack,
  intercom,
  jfrogReference,
  nxCloud,
  workos,
];

export const STRUCTURES: Readonly<Record<string, Structure>> = Object.assign(
  Object.create(null) as Record<string, Structure>,
  Object.fromEntries(ALL.map((structure) => [structure.id, structure])),
);
