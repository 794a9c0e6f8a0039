import type { Static as StaticOf, TSchema } from 'typebox';

/**
 * The builders of schemas, TypeBox's: `Type.Object({url: Type.String({format: 'uri', description: …})})`. What they take beside JSON
 * Schema's keywords: `secret: true` on a string masks its value wherever the agent shows or logs something; `watchedFiles: true`
 * says that it is a path or glob of files that belong to the configuration; the formats `duration` (`250ms`, `1m30s`), `size`
 * (`64KiB`) and `regex`.
 */
export * as Type from './typebox.ts';
/** Any schema that `Type` makes; it is TypeBox's. */
export type { TSchema };

/** The TypeScript type of a configuration that satisfies a schema. */
export type Static<S extends TSchema> = StaticOf<S>;

/**
 * Keywords of ours that a schema may carry beside JSON Schema's:
 * `secret: true` on a string masks its value wherever the agent shows or logs something.
 * `watchedFiles: true` on a string, also on those of a list, says that it is the path or glob, from the folder of the
 * configuration file on, of small files that the plugin reads in `validate` and `open`: when one of them changes, comes or
 * goes, the resource is checked and opened anew, as if that stood in its configuration.
 * Formats of ours beside JSON Schema's: `duration` (`250ms`, `1m30s`), `size` (`64KiB`), `regex`.
 */
export interface SchemaExtensions {
  secret?: boolean;
  watchedFiles?: boolean;
}
