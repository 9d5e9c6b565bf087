/** What our credential may do in a namespace beyond reading secrets, as the API server says: SelfSubjectRulesReview, which every user may ask. Called by kubernetes.ts. */
import { isJson, type Json } from './store-http.ts';

type Rule = { readonly verbs: readonly string[]; readonly groups: readonly string[]; readonly resources: readonly string[] };

/** A right that is a reason to narrow the role: verbs on a resource of an API group. */
const BEYOND = [
  { group: '', resource: 'secrets', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'], what: 'change secrets' },
  { group: '', resource: 'pods', verbs: ['create', 'update', 'patch', 'delete'], what: 'start or change pods' },
  { group: '', resource: 'pods/exec', verbs: ['create', 'get'], what: 'run commands in pods' },
  { group: '', resource: 'serviceaccounts/token', verbs: ['create'], what: 'make tokens of service accounts' },
  { group: 'rbac.authorization.k8s.io', resource: 'roles', verbs: ['create', 'update', 'patch', 'escalate', 'bind'], what: 'change roles' },
  { group: 'rbac.authorization.k8s.io', resource: 'rolebindings', verbs: ['create', 'update', 'patch'], what: 'give roles' },
  {
    group: 'rbac.authorization.k8s.io',
    resource: 'clusterroles',
    verbs: ['create', 'update', 'patch', 'escalate', 'bind'],
    what: 'change roles of the cluster',
  },
  {
    group: 'rbac.authorization.k8s.io',
    resource: 'clusterrolebindings',
    verbs: ['create', 'update', 'patch'],
    what: 'give roles of the cluster',
  },
] as const;

/** The request for a namespace. */
export function rulesReview(namespace: string): Json {
  return { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
}

/** Returns the rights beyond reading in the server's reply, as sentences. */
export function tooMuchIn(review: Json, namespace: string): string[] {
  const status = isJson(review['status']) ? review['status'] : {};
  const given = Array.isArray(status['resourceRules']) ? status['resourceRules'].filter(isJson) : [];
  const rules = given.map((rule) => ({
    verbs: texts(rule['verbs']),
    groups: texts(rule['apiGroups']),
    resources: texts(rule['resources']),
  }));
  if (rules.some((rule) => rule.verbs.includes('*') && rule.groups.includes('*') && rule.resources.includes('*')))
    return [`it may do everything in namespace ${namespace}`];
  return BEYOND.flatMap(({ group, resource, verbs, what }) => {
    const held = verbs.filter((verb) => rules.some((rule) => allows(rule, group, resource, verb)));
    return held.length === 0 ? [] : [`it may ${what} in namespace ${namespace} (${held.join(', ')} on ${resource})`];
  });
}

function allows({ verbs, groups, resources }: Rule, group: string, resource: string, verb: string): boolean {
  const isOf = (held: readonly string[], asked: string): boolean => held.includes('*') || held.includes(asked);
  const below = resource.includes('/') ? [`*/${resource.split('/')[1]}`] : [];
  return isOf(verbs, verb) && isOf(groups, group) && (isOf(resources, resource) || below.some((one) => resources.includes(one)));
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}
