import { queryOptions } from "@tanstack/react-query";
import { client, done, take } from "./client";
import type { components } from "./schema.gen";

export type NoiseList = components["schemas"]["NoiseList"];
export type TransparencyFile = components["schemas"]["TransparencyFile"];

/** The lists of known noise. */
export const noiseQuery = queryOptions({
  queryKey: ["noise"],
  queryFn: async ({ signal }) => take(await client.GET("/api/noise", { signal })),
});

/** The files of certificate transparency. */
export const transparencyQuery = queryOptions({
  queryKey: ["transparency"],
  queryFn: async ({ signal }) => take(await client.GET("/api/transparency", { signal })),
});

/** Sends a file as it is: packed or not, the server reads it. */
function whole(file: File) {
  return {
    body: "",
    bodySerializer: () => file,
    headers: { "Content-Type": "application/octet-stream" },
  };
}

/** Puts a list in. The lists of MISP's repository are called after their folder. */
export async function importNoise(file: File): Promise<void> {
  const source = file.webkitRelativePath.split("/").slice(-2).join("/") || file.name;
  take(await client.POST("/api/noise", { params: { query: { source } }, ...whole(file) }));
}

export async function removeNoise({ slug }: NoiseList): Promise<void> {
  done(await client.DELETE("/api/noise/{slug}", { params: { path: { slug } } }));
}

/** Puts in what crt.sh answers. */
export async function importTransparency(file: File): Promise<void> {
  const query = { name: file.name };
  take(await client.POST("/api/transparency", { params: { query }, ...whole(file) }));
}

export async function removeTransparency({ name }: TransparencyFile): Promise<void> {
  done(await client.DELETE("/api/transparency/{name}", { params: { path: { name } } }));
}
