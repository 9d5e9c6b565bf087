/** The kernel's module, compiled from the bytes that the build embeds. */
import { kernel } from '#builtin';
import { compileKernel } from './load.ts';

export function builtInKernel(): WebAssembly.Module {
  return compileKernel(Buffer.from(kernel, 'base64'));
}
