import { queryOptions } from "@tanstack/react-query";
import { client, done, take } from "./client";
import type { components, paths } from "./schema.gen";

export type Note = components["schemas"]["Note"];

/** What a note can be about. */
export type Subject = paths["/api/entities/{kind}/{id}/notes"]["get"]["parameters"]["path"];

export const notesQuery = (about: Subject) =>
  queryOptions({
    queryKey: ["notes", about.kind, about.id],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/notes", { params: { path: about }, signal }),
      ),
  });

export const noteHistoryQuery = (id: number) =>
  queryOptions({
    queryKey: ["note history", id],
    queryFn: async ({ signal }) =>
      take(await client.GET("/api/notes/{id}/history", { params: { path: { id } }, signal })),
  });

/** Who looked at an entity or changed what is kept of it; for administrators. */
export const entityAuditQuery = (about: Subject) =>
  queryOptions({
    queryKey: ["entity audit", about.kind, about.id],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/audit", { params: { path: about }, signal }),
      ),
  });

export async function addNote(about: Subject, text: string): Promise<void> {
  done(
    await client.POST("/api/entities/{kind}/{id}/notes", {
      params: { path: about },
      body: { text },
    }),
  );
}

export async function changeNote(id: number, text: string): Promise<void> {
  done(await client.PUT("/api/notes/{id}", { params: { path: { id } }, body: { text } }));
}

export async function removeNote(id: number): Promise<void> {
  done(await client.DELETE("/api/notes/{id}", { params: { path: { id } } }));
}

export async function setAlias(about: Subject, alias: string): Promise<void> {
  done(
    await client.PUT("/api/entities/{kind}/{id}/alias", {
      params: { path: about },
      body: { alias },
    }),
  );
}
