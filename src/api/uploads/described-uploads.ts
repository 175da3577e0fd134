import type { DescribedRoute } from "../documented-routes.ts";
import { uploadInput } from "./upload-input.ts";

const text = { type: "string" };
const count = { type: "integer", minimum: 0 };

const backup = {
  type: "object",
  required: ["slug", "name", "file", "size"],
  properties: { slug: text, name: text, file: text, size: count },
};

const upload = {
  type: "object",
  required: ["id", "size", "offset", "received"],
  properties: {
    id: text,
    size: { ...count, description: "Bytes in all" },
    offset: { ...count, description: "Bytes that are there" },
    received: { type: "boolean", description: "Whether it has become a backup" },
    backup: { ...backup, description: "Which one" },
  },
};

const id = { name: "id", in: "path", required: true, schema: text };

const inHeader = (name: string, schema: object, description: string) => ({
  name,
  in: "header",
  required: true,
  schema,
  description,
});

const version = inHeader("Tus-Resumable", { const: "1.0.0" }, "Version of the protocol");
const bytes = { schema: { type: "string", format: "binary" } };
const json = (schema: object) => ({ "application/json": { schema } });

/** The routes of uploads, for the description of the API. */
export const describedUploads: readonly DescribedRoute[] = [
  {
    method: "post",
    path: "/backups/upload",
    input: uploadInput,
    description: {
      operationId: "uploadBackup",
      summary: "Send an archive in one go; it becomes a backup when all of it is there",
      "x-scope": "backup",
      requestBody: { required: true, content: { "application/octet-stream": bytes } },
      responses: { 201: { description: "The backup", content: json(backup) } },
    },
  },
  {
    method: "post",
    path: "/uploads",
    description: {
      operationId: "beginUpload",
      summary: "Begin a resumable upload of an archive by tus 1.0",
      "x-scope": "backup",
      parameters: [
        version,
        inHeader("Upload-Length", count, "Bytes of the archive"),
        {
          ...inHeader("Upload-Metadata", text, "`filename` and `location`, as tus has them"),
          required: false,
        },
      ],
      responses: {
        201: {
          description: "Begun",
          headers: { Location: { description: "Address of the upload, relative", schema: text } },
        },
      },
    },
  },
  {
    method: "get",
    path: "/uploads/{id}",
    description: {
      operationId: "uploadState",
      summary: "Tell how far an upload is, and which backup it has become",
      "x-scope": "backup",
      parameters: [id],
      responses: { 200: { description: "The upload", content: json(upload) } },
    },
  },
  {
    method: "head",
    path: "/uploads/{id}",
    description: {
      operationId: "uploadOffset",
      summary: "Tell where an upload is to be continued, as tus has it",
      "x-scope": "backup",
      parameters: [id, version],
      responses: {
        200: {
          description: "How far it is",
          headers: { "Upload-Offset": { schema: count }, "Upload-Length": { schema: count } },
        },
      },
    },
  },
  {
    method: "patch",
    path: "/uploads/{id}",
    description: {
      operationId: "continueUpload",
      summary: "Send bytes of an upload; with the last one it becomes a backup",
      "x-scope": "backup",
      parameters: [id, version, inHeader("Upload-Offset", count, "Bytes that are there")],
      requestBody: { required: true, content: { "application/offset+octet-stream": bytes } },
      responses: {
        204: {
          description: "They are there",
          headers: { "Upload-Offset": { schema: count }, "Upload-Expires": { schema: text } },
        },
      },
    },
  },
  {
    method: "delete",
    path: "/uploads/{id}",
    description: {
      operationId: "abandonUpload",
      summary: "Give an upload up and remove its bytes; a backup that it has become stays",
      "x-scope": "backup",
      parameters: [id, version],
      responses: { 204: { description: "It is gone" } },
    },
  },
];
