import type { Catalog } from './types.ts'

export const runCatalog = {
  E701: {
    title: 'dataset is being loaded by another run',
    meaning:
      'A dataset has one lease in the warehouse, so that two runs never write the same rows. Another process holds it now.',
    next: "Wait for that run, or stop it; a dead process's lease is taken over when it ends.",
  },
  E702: {
    title: 'the source shrank',
    meaning:
      'A complete read or key scan found more than a fifth of the stored rows gone. Nothing was deleted, since an emptied export looks the same as a real loss.',
    next: 'If the rows are really gone: polder run … --allow-shrink',
  },
  E703: {
    title: 'the lease was taken over',
    meaning:
      'This run paused for longer than its lease, and another run took the dataset over. Nothing of this commit was written.',
    next: 'Nothing to repair: the other run goes on from the last commit.',
  },
  E704: {
    title: 'too many rejected rows',
    meaning:
      'More than 5 % of the rows read (of at least 100) were rejected. The commit that would have passed the threshold was rolled back; earlier commits stay.',
    next: 'See the reasons: polder rejects list',
  },
  E706: {
    title: 'the checkpoint moved',
    meaning: "Another process moved this dataset's checkpoint between reading and committing.",
    next: 'Run again; it goes on from the stored checkpoint.',
  },
  E707: {
    title: 'unknown run',
    meaning: 'No run with this id is stored in the warehouse.',
    next: 'polder runs list shows the ids.',
  },
  E708: {
    title: 'the key has changed its type',
    meaning:
      'Ids are made of the key as its type writes it. A key scan met another type than the stored rows were read with, so that rows which exist would have looked gone. Nothing was deleted.',
    next: 'Read the dataset anew: polder run … --full',
  },
  E709: {
    title: 'the session of an expired lease may not be ended',
    meaning:
      "An earlier run stopped in the middle of a transaction: it is frozen, or its machine is gone. The database server still holds what that transaction locked, and this run's user may not end the session.",
    next: 'Stop that process, let an administrator end its session, or run as the same user of the warehouse.',
  },
  E730: {
    title: 'look-up with several rows for one key',
    meaning:
      'Without many: true a look-up gives one row. The looked-up table has several rows with the same key, and any choice among them would be a guess. Nothing was read.',
    next: 'Write many: true, which gives a list, or a key: that is unique.',
  },
  E731: {
    title: 'look-up too large for memory',
    meaning:
      'Looked-up tables are read into memory before the dataset: all look-ups at work in a process may take 64 MB there, about 250,000 small rows. Only the columns that the mapping names are read.',
    next: 'Join the tables in a view at the source, and read that.',
  },
  E732: {
    title: 'looked-up file with rows that cannot be read',
    meaning:
      'A row of the looked-up file is broken (a line with too few columns, for example). To leave it out would tell the mapping that it does not exist. Nothing was read.',
    next: 'Mend the file.',
  },
  E901: {
    title: 'defect of Polder',
    meaning: 'Something happened that the program holds to be impossible. Nothing uncommitted was kept.',
    next: 'Run again with POLDER_DEBUG=1 and report the trace.',
  },
} satisfies Catalog
