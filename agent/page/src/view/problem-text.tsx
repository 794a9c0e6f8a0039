import type { ResourceStatus } from '../api/types.ts';

/** Errors in words, each with its fix and code. */
export function Errors({ errors, most }: { errors: ResourceStatus['errors']; most: number }) {
  const more = errors.length - most;
  return (
    <>
      {errors.slice(0, most).map(({ code, message, fix }) => (
        <p class="error" key={`${code}${message}`}>
          {message} {fix && <span class="fix">{fix}</span>} <code>{code}</code>
        </p>
      ))}
      {more > 0 && <p class="fix">and {more} more</p>}
    </>
  );
}
