import { queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { EntityScope } from "./entities";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];
export type DNSRecord = Schemas["DNSRecord"];
export type Certificate = Schemas["Certificate"];
export type Service = Schemas["Service"];
export type HostPair = Schemas["HostPair"];
export type Component = Schemas["Component"];
export type Cookie = Schemas["Cookie"];
export type Subdomain = Schemas["Subdomain"];
export type SubdomainSection = Schemas["SubdomainSection"];
export type SectionHead = Omit<Schemas["DNSSection"], "items">;

/** Names, certificates, services and web pages of an entity, from own logs; names below, from certificate transparency, too. */
export const footprintQuery = ({ kind, id, ...scope }: EntityScope) =>
  queryOptions({
    queryKey: ["entity", { kind, id, ...scope }, "footprint"],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/dns", {
          params: { path: { kind, id }, query: scope },
          signal,
        }),
      ),
  });
