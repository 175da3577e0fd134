import { backupChecksumOperation } from "./backups/backup-checksum.ts";
import { backupInfoOperation } from "./backups/backup-info.ts";
import { listBackupsOperation } from "./backups/list-backups.ts";
import { noteBackupOperation } from "./backups/note-backup.ts";
import { pinBackupOperation } from "./backups/pin-backup.ts";
import { unpinBackupOperation } from "./backups/unpin-backup.ts";
import { copyBackupOperation } from "./backups/copy-backup.ts";
import { previewPruneOperation } from "./backups/preview-prune.ts";
import { pruneBackupsOperation } from "./backups/prune-backups.ts";
import { newBackupOperation } from "./backups/new-backup.ts";
import { reloadBackupsOperation } from "./backups/reload-backups.ts";
import { removeBackupOperation } from "./backups/remove-backup.ts";
import { restoreBackupOperation } from "./backups/restore-backup.ts";
import { verifyAllBackupsOperation } from "./backups/verify-all-backups.ts";
import { verifyBackupOperation } from "./backups/verify-backup.ts";
import { indexBackupOperation } from "./files/index-backup.ts";
import { listFilesByPasswordOperation, listFilesOperation } from "./files/list-files.ts";
import { listPartsOperation } from "./files/list-parts.ts";
import { checkAlertsOperation } from "./alerts/check-alerts.ts";
import { examineHomeOperation } from "./home/examine-home.ts";
import { homeInfoOperation } from "./home/home-info.ts";
import { homePathsOperation } from "./home/home-paths.ts";
import { listAlertsOperation } from "./alerts/list-alerts.ts";
import { savePathsOperation } from "./home/save-paths.ts";
import { importKeyOperation } from "./keys/import-key.ts";
import { kitQuestionsOperation } from "./keys/kit-questions.ts";
import { kitOfKeyOperation } from "./keys/kit-of-key.ts";
import { listKeysOperation } from "./keys/list-keys.ts";
import { addLocationOperation } from "./locations/add-location.ts";
import { changeLocationOperation } from "./locations/change-location.ts";
import { listKindsOperation } from "./locations/list-kinds.ts";
import { listLocationsOperation } from "./locations/list-locations.ts";
import { locationInfoOperation } from "./locations/location-info.ts";
import { removeLocationOperation } from "./locations/remove-location.ts";
import { testLocationOperation } from "./locations/test-location.ts";
import { useLocationOperation } from "./locations/use-location.ts";
import { newKeyOperation } from "./keys/new-key.ts";
import { proveKeyOperation } from "./keys/prove-key.ts";
import { reencryptBackupsOperation } from "./keys/reencrypt-backups.ts";
import { removeKeyOperation } from "./keys/remove-key.ts";
import { revealKeyOperation } from "./keys/reveal-key.ts";
import { useKeyOperation } from "./keys/use-key.ts";
import { addPlanOperation } from "./plans/add-plan.ts";
import { changePlanOperation } from "./plans/change-plan.ts";
import { listPlansOperation } from "./plans/list-plans.ts";
import { planDocumentOperation } from "./plans/plan-document.ts";
import { planInfoOperation } from "./plans/plan-info.ts";
import { previewPlanOperation } from "./plans/preview-plan.ts";
import { removePlanOperation } from "./plans/remove-plan.ts";
import { switchPlanOperation } from "./plans/switch-plan.ts";
import { addChannelOperation } from "./notifications/add-channel.ts";
import { changeChannelOperation } from "./notifications/change-channel.ts";
import { listChannelsOperation } from "./notifications/list-channels.ts";
import { notificationLogOperation } from "./notifications/notification-log.ts";
import { removeChannelOperation } from "./notifications/remove-channel.ts";
import { testChannelOperation } from "./notifications/test-channel.ts";
import type { AnyOperation } from "./operation.ts";
import { prunePlanOperation } from "./plans/prune-plan.ts";
import { runPlanOperation } from "./plans/run-plan.ts";
import { restoreStatusOperation } from "./restores/restore-status.ts";
import { undoRestoreOperation } from "./restores/undo-restore.ts";
import { listRulesOperation } from "./rules/list-rules.ts";
import { previewRulesOperation } from "./rules/preview-rules.ts";
import { saveRulesOperation } from "./rules/save-rules.ts";
import { exportSettingsOperation } from "./settings/export-settings.ts";
import { importSettingsOperation } from "./settings/import-settings.ts";
import { changeInboxOperation } from "./inbox/change-inbox.ts";
import { listInboxOperation } from "./inbox/list-inbox.ts";
import { removeFromInboxOperation } from "./inbox/remove-from-inbox.ts";
import { beginSambaOperation } from "./sharing/begin-samba.ts";
import { endSambaOperation } from "./sharing/end-samba.ts";
import { changeSharingOperation } from "./sharing/change-sharing.ts";
import { sharingInfoOperation } from "./sharing/sharing-info.ts";
import { cancelRunOperation } from "./runs/cancel-run.ts";
import { listRunsOperation } from "./runs/list-runs.ts";
import { runInfoOperation } from "./runs/run-info.ts";
import { runResultOperation } from "./runs/run-result.ts";

/** Everything that can be done with a home by a plain question and a plain answer. */
export const allOperations: readonly AnyOperation[] = [
  homeInfoOperation,
  examineHomeOperation,
  listAlertsOperation,
  checkAlertsOperation,
  exportSettingsOperation,
  importSettingsOperation,
  homePathsOperation,
  savePathsOperation,
  listBackupsOperation,
  newBackupOperation,
  reloadBackupsOperation,
  backupInfoOperation,
  backupChecksumOperation,
  removeBackupOperation,
  pinBackupOperation,
  unpinBackupOperation,
  noteBackupOperation,
  copyBackupOperation,
  previewPruneOperation,
  pruneBackupsOperation,
  verifyBackupOperation,
  verifyAllBackupsOperation,
  restoreBackupOperation,
  listPartsOperation,
  indexBackupOperation,
  listFilesOperation,
  listFilesByPasswordOperation,
  runPlanOperation,
  prunePlanOperation,
  restoreStatusOperation,
  undoRestoreOperation,
  listRunsOperation,
  runInfoOperation,
  runResultOperation,
  cancelRunOperation,
  listKeysOperation,
  newKeyOperation,
  importKeyOperation,
  useKeyOperation,
  kitQuestionsOperation,
  proveKeyOperation,
  revealKeyOperation,
  kitOfKeyOperation,
  removeKeyOperation,
  reencryptBackupsOperation,
  listLocationsOperation,
  listKindsOperation,
  addLocationOperation,
  locationInfoOperation,
  changeLocationOperation,
  removeLocationOperation,
  useLocationOperation,
  testLocationOperation,
  listPlansOperation,
  addPlanOperation,
  planInfoOperation,
  planDocumentOperation,
  changePlanOperation,
  switchPlanOperation,
  removePlanOperation,
  previewPlanOperation,
  listChannelsOperation,
  addChannelOperation,
  changeChannelOperation,
  removeChannelOperation,
  notificationLogOperation,
  testChannelOperation,
  listInboxOperation,
  changeInboxOperation,
  removeFromInboxOperation,
  sharingInfoOperation,
  changeSharingOperation,
  beginSambaOperation,
  endSambaOperation,
  listRulesOperation,
  saveRulesOperation,
  previewRulesOperation,
];
