import { type ConfigProblem, type Static, Type } from '@dynamic-informer/sdk';

const watched = Type.Object({
  name: Type.String({ minLength: 1, description: 'Value of the label "groupname".' }),
  match: Type.Optional(
    Type.String({
      format: 'regex',
      minLength: 1,
      description:
        'Pattern that occurs in the command line, arguments joined by blanks; in the name in brackets for kernel threads: [kswapd0].',
    }),
  ),
  pid_file: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'File whose first line is the process id. With "match" as well the process has to match, so that a reused id does not count.',
    }),
  ),
  scope: Type.Unsafe<'process' | 'tree'>({
    type: 'string',
    enum: ['process', 'tree'],
    default: 'process',
    description: 'Count only the processes found (process), or those that they started too (tree).',
  }),
});
export type Watched = Static<typeof watched>;

export const processConfig = Type.Object({
  processes: Type.Array(watched, { minItems: 1, description: 'The groups of processes to watch.' }),
  procfs: Type.String({ default: '/proc', description: 'Where procfs is mounted.' }),
});
export type ProcessConfig = Static<typeof processConfig>;

export function* problemsOf({ processes }: ProcessConfig): Iterable<ConfigProblem> {
  const seen = new Set<string>();
  for (const [i, { name, match, pid_file }] of processes.entries()) {
    if (seen.has(name)) {
      yield {
        path: ['processes', i, 'name'],
        message: `"${name}" is there twice`,
        fix: 'Name each group once.',
      };
    }
    seen.add(name);
    if (match === undefined && pid_file === undefined) {
      yield {
        path: ['processes', i],
        message: 'nothing says which processes these are',
        fix: 'Give "match" or "pid_file".',
      };
    }
  }
}
