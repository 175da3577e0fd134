/** The interface of an installation, as far as the edges speak of it. */
export type {
  Installation,
  RulesPreview,
  ServiceOptions,
  UndoReport,
  UndoState,
} from "#installation/installation.ts";
