import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { EntityScope } from "./entities";
import type { components, paths } from "./schema.gen";

export type Connection = components["schemas"]["Connection"];
export type ConnectionFlow = components["schemas"]["ConnectionFlow"];
export type FlowNode = components["schemas"]["FlowNode"];
export type FlowLink = components["schemas"]["FlowLink"];
export type Beacon = components["schemas"]["Beacon"];
export type BeaconDetail = components["schemas"]["BeaconDetail"];
export type GapBin = components["schemas"]["GapBin"];
export type ActiveHour = components["schemas"]["ActiveHour"];

/** What a page of connections is filtered and sorted by. */
export type ConnectionPage = Omit<
  NonNullable<paths["/api/entities/{kind}/{id}/connections"]["get"]["parameters"]["query"]>,
  "from" | "to" | "site" | "role"
>;

export const connectionsQuery = (scope: EntityScope, page: ConnectionPage) =>
  queryOptions({
    queryKey: ["entity", scope, "connections", page],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/connections", {
          params: params(scope, page),
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const connectionFlowQuery = (scope: EntityScope, sourceKind?: string) =>
  queryOptions({
    queryKey: ["entity", scope, "flow", sourceKind],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/connections/flow", {
          params: params(scope, { sourceKind }),
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const beaconsQuery = (scope: EntityScope, page: { limit: number; offset: number }) =>
  queryOptions({
    queryKey: ["entity", scope, "beacons", page],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/beacons", {
          params: params(scope, page),
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** The gaps and hours of one pair. */
export const beaconQuery = (
  scope: EntityScope,
  pair: { site: string; local: string; remote: string },
) =>
  queryOptions({
    queryKey: ["entity", scope, "beacon", pair],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/beacons/detail", {
          params: params(scope, {
            local: pair.local,
            remote: pair.remote,
            pairSite: pair.site,
          }),
          signal,
        }),
      ),
  });

function params<T extends object>({ kind, id, ...scope }: EntityScope, rest: T) {
  return { path: { kind, id }, query: { ...scope, ...rest } };
}
