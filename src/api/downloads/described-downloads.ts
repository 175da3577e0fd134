import type { DescribedRoute } from "../documented-routes.ts";
import {
  downloadByPasswordInput,
  downloadInput,
  fileByPasswordInput,
  fileInput,
  folderByPasswordInput,
  folderInput,
} from "./download-inputs.ts";

const bytes = { schema: { type: "string", format: "binary" } };
const archive = { "application/x-tar": bytes };
const header = (description: string) => ({ description, schema: { type: "string" } });

const archiveHeaders = {
  ETag: header("Of this version of the archive; for If-Range and If-None-Match"),
  "Repr-Digest": header("SHA-256 of the whole archive, once its checksum was asked for"),
};

const archiveAnswers = {
  200: {
    description: "The archive; decrypted, its name ends in .decrypted.tar",
    headers: archiveHeaders,
    content: archive,
  },
};

const storedAnswers = {
  ...archiveAnswers,
  206: { description: "The range that was asked for", headers: archiveHeaders, content: archive },
  304: { description: "It is still this version" },
  416: { description: "The range lies behind the end" },
};

const fileAnswers = {
  200: { description: "The file, for saving", content: { "application/octet-stream": bytes } },
};

const folderAnswers = { 200: { description: "A tar of the folder", content: archive } };

const downloadPath = "/backups/{backup}/download";
const folderPath = "/backups/{backup}/files/archive";
const filePath = "/backups/{backup}/files/content";

/** The routes of downloads, for the description of the API. */
export const describedDownloads: readonly DescribedRoute[] = [
  {
    method: "get",
    path: downloadPath,
    input: downloadInput,
    description: {
      operationId: "downloadBackup",
      summary: "Fetch a backup as it lies at its location, or decrypted with a key of the ring",
      "x-scope": "restore",
      responses: storedAnswers,
    },
  },
  {
    method: "head",
    path: downloadPath,
    input: downloadInput,
    description: {
      operationId: "describeDownload",
      summary: "Tell size, version and checksum of a download",
      "x-scope": "restore",
      responses: { 200: { description: "As of the download", headers: archiveHeaders } },
    },
  },
  {
    method: "post",
    path: downloadPath,
    input: downloadByPasswordInput,
    description: {
      operationId: "downloadBackupByPassword",
      summary: "Fetch a backup, decrypted with a password",
      "x-scope": "restore",
      responses: storedAnswers,
    },
  },
  {
    method: "get",
    path: filePath,
    input: fileInput,
    description: {
      operationId: "downloadFile",
      summary: "Fetch a file out of a backup, with a key of the ring",
      "x-scope": "restore",
      responses: fileAnswers,
    },
  },
  {
    method: "post",
    path: filePath,
    input: fileByPasswordInput,
    description: {
      operationId: "downloadFileByPassword",
      summary: "Fetch a file out of a backup, with a password",
      "x-scope": "restore",
      responses: fileAnswers,
    },
  },
  {
    method: "get",
    path: folderPath,
    input: folderInput,
    description: {
      operationId: "downloadFolder",
      summary: "Fetch a folder out of a backup as a tar, with a key of the ring",
      "x-scope": "restore",
      responses: folderAnswers,
    },
  },
  {
    method: "post",
    path: folderPath,
    input: folderByPasswordInput,
    description: {
      operationId: "downloadFolderByPassword",
      summary: "Fetch a folder out of a backup as a tar, with a password",
      "x-scope": "restore",
      responses: folderAnswers,
    },
  },
];
