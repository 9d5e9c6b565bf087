/** Returns a function that makes a value when it is called for the first time, for what most starts have no need of. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    if (made === null) made = { value: make() };
    return made.value;
  };
}
