import { describe, expect, it } from 'vitest';
import { gitHubAddress, gitHubToken } from '../../src/net/github-address.ts';

const PUBLIC = { api: 'https://api.github.com', web: 'https://github.com', gists: 'https://gist.github.com' };
const SERVER = { api: 'https://git.example/api/v3', web: 'https://git.example', gists: 'https://git.example/gist' };

describe('gitHubAddress', () => {
  it.each([
    ['https://github.com', PUBLIC],
    ['https://api.github.com/', PUBLIC],
    ['https://git.example', SERVER],
    ['https://git.example/api/v3/', SERVER],
    ['https://acme.ghe.com', { api: 'https://api.acme.ghe.com', web: 'https://acme.ghe.com', gists: 'https://gist.acme.ghe.com' }],
    ['http://127.0.0.1:81', { api: 'http://127.0.0.1:81/api/v3', web: 'http://127.0.0.1:81', gists: 'http://127.0.0.1:81/gist' }],
    ['http://git.example', null],
    ['https://user@git.example', null],
    ['https://git.example/elsewhere', null],
    ['https://git.example/?x', null],
    ['git.example', null],
  ])('%s', (named, expected) => {
    expect(gitHubAddress(named, { GITHUB_API_URL: 'https://other.example/api/v3' })).toEqual(expected);
  });

  it('takes the variables of a runner', () => {
    expect(gitHubAddress(undefined, {})).toEqual(PUBLIC);
    expect(gitHubAddress(undefined, { GITHUB_API_URL: 'https://api.github.com', GITHUB_SERVER_URL: 'https://github.com' })).toEqual(PUBLIC);
    expect(gitHubAddress(undefined, { GITHUB_API_URL: 'https://git.example/api/v3' })).toEqual(SERVER);
    const both = { GITHUB_API_URL: 'https://git.example/api/v3', GITHUB_SERVER_URL: 'https://git.example' };
    expect(gitHubAddress(undefined, both)).toEqual(SERVER);
    expect(gitHubAddress(undefined, { ...both, GITHUB_SERVER_URL: 'http://git.example' })).toBe(null);
  });
});

describe('gitHubToken', () => {
  const all = { GH_TOKEN: 'a', GITHUB_TOKEN: 'b', GH_ENTERPRISE_TOKEN: 'c', GITHUB_ENTERPRISE_TOKEN: 'd' };
  const server = 'https://github.example.com';
  const runner = { GITHUB_API_URL: `${server}/api/v3`, GITHUB_SERVER_URL: server };
  it.each([
    [undefined, all, 'a'],
    [undefined, { ...all, GH_TOKEN: ' ' }, 'b'],
    [undefined, { GH_ENTERPRISE_TOKEN: 'c' }, null],
    ['https://tenant.ghe.com', all, 'a'],
    [server, all, 'c'],
    [server, { GH_TOKEN: 'a', GITHUB_TOKEN: 'b' }, null],
    [server, { ...runner, GITHUB_TOKEN: 'b' }, 'b'],
    ['https://other.example.com', { ...runner, GITHUB_TOKEN: 'b' }, null],
    [server, { GITHUB_SERVER_URL: server, GITHUB_API_URL: 'https://api.github.com', GITHUB_TOKEN: 'b' }, null],
    // A runner of a server keeps its token from github.com.
    ['https://github.com', { ...runner, GITHUB_TOKEN: 'b' }, null],
  ])('of %j with %j is %j', (url, env, token) => {
    const address = gitHubAddress(url, env);
    expect(address && gitHubToken(address, env)).toBe(token);
  });
});
