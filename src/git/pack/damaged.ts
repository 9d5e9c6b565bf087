/** Thrown by the readers of this folder for what is not as git writes it; its message is a reason, fit for a problem. Nothing else may come out of hostile bytes. */
export class DamagedError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'DamagedError';
  }
}
