import { describe, expect, it } from 'vitest';
import { gitHubAddress } from '../../src/net/github-address.ts';

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
