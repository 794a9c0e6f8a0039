import type { ErrorClass } from '@dynamic-informer/sdk';

/** What can stand in the way of somebody who writes a plugin, before an agent runs it. */
export const AUTHOR_ERRORS: readonly (readonly [
  code: string,
  errorClass: ErrorClass,
  message: string,
  fix: string,
])[] = [
  [
    'CREATE_BAD_NAME',
    'config',
    'A new plugin was given a name that it can not have.',
    'Use lower-case letters, digits and single dashes, a letter first.',
  ],
  [
    'CREATE_NAME_TAKEN',
    'config',
    'Another plugin has the name that a new one was given.',
    'Choose another; "informer plugins" lists those that are taken.',
  ],
  [
    'CREATE_FOLDER_EXISTS',
    'config',
    'The folder of a new plugin is there already; nothing is written over.',
    'Choose another name or another --dir, or remove the folder.',
  ],
  [
    'CREATE_NOT_WRITTEN',
    'config',
    "A new plugin's files could not be written.",
    'Name a folder with --dir that you may write to and that has room.',
  ],
  [
    'README_NO_MARKER',
    'plugin',
    "A plugin's README has no place for a table that is generated.",
    'Write the two marker lines that the message names where the table belongs.',
  ],
  [
    'README_NO_PLUGIN',
    'plugin',
    'There is no code of a plugin beside the README.',
    "Name a plugin's folder.",
  ],
  [
    'README_STALE',
    'plugin',
    "The tables of a plugin's README are not what its schema and its descriptors say.",
    'Run "npm run docs".',
  ],
];
