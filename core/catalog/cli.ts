import type { Catalog } from './types.ts'

export const cliCatalog = {
  E801: {
    title: 'command line not understood',
    meaning:
      'The command, an option or an argument is unknown, missing or not of the right form. Nothing was started.',
    next: 'polder --help lists the commands; polder <command> --help lists its arguments and options.',
  },
  E802: {
    title: 'no project here',
    meaning:
      'A project is a folder with a polder.yaml. Polder looks in the current folder and in its parents, or in the folder given with --project.',
    next: 'Go to your project, name it with --project <dir>, or start one: polder init <dir>',
  },
  E803: {
    title: 'option not available in this version',
    meaning:
      'The option is reserved, so that its meaning can come later without a surprise. Ignoring it silently could run against the wrong warehouse.',
    next: 'Leave the option out. Values that differ between environments can come from the environment: ${env:NAME}.',
  },
  E804: {
    title: 'init would overwrite files',
    meaning: 'Some of the files that init writes are there already. Nothing was written.',
    next: 'Choose an empty folder: polder init <dir>',
  },
  E805: {
    title: 'unknown error code',
    meaning: 'No page exists for this code.',
    next: 'polder explain lists all codes.',
  },
  E806: {
    title: 'output cannot be written',
    meaning:
      'stdout or stderr goes to a file that takes no more, as a rule because its disk is full. The run ended at once: what it had committed stays.',
    next: 'Make room on the disk of that file, then run again: it goes on from the last commit.',
  },
  E807: {
    title: 'input of eval cannot be used',
    meaning:
      'What --on names is no JSON, or a file that cannot be read or holds no JSON. A text that begins with {, [, a quote or a digit is taken for JSON, a name that ends with .json, .jsonl or .ndjson for a file, anything else for a dataset.',
    next: 'Correct the JSON (in a shell, put it in single quotes), or name another file.',
  },
} satisfies Catalog
