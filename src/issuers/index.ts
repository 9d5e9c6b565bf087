/** The registry of issuers: a new kind is one file and one line here. */
import { awsIam } from './aws-iam.ts';
import { command } from './command.ts';
import { gcpServiceAccount } from './gcp-service-account.ts';
import type { IssuerKind } from './issuer-kind.ts';
import { mysql } from './mysql.ts';
import { postgresql } from './postgresql.ts';
import { provider } from './provider.ts';
import { redis } from './redis.ts';

export const ISSUER_KINDS: readonly IssuerKind[] = [awsIam, command, gcpServiceAccount, mysql, postgresql, provider, redis];
