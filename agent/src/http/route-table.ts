/** Which methods each path takes: what a request with another one is told. */
export class RouteTable {
  /** By path, with `:name` for a part that can be anything. */
  readonly #methods = new Map<string, Set<string>>();

  add(path: string, methods: string | readonly string[]): void {
    const known = this.#methods.get(path) ?? new Set();
    this.#methods.set(path, known);
    for (const method of [methods].flat()) known.add(method);
  }

  /** `GET /api/v1/resources/:name`, in order. */
  get routes(): string[] {
    return [...this.#methods]
      .flatMap(([path, methods]) => [...methods].map((method) => `${method} ${path}`))
      .sort();
  }

  /** The methods that the path of a request takes; empty if there is nothing there. */
  methodsOf(path: string): string[] {
    const parts = path.split('/');
    const fits = (pattern: string) => {
      const wanted = pattern.split('/');
      return (
        wanted.length === parts.length &&
        wanted.every((part, place) => part === parts[place] || (part.startsWith(':') && parts[place] !== ''))
      );
    };
    return [...this.#methods].flatMap(([pattern, methods]) => (fits(pattern) ? [...methods] : [])).sort();
  }
}
