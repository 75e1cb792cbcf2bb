import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { components, paths } from "./schema.gen";

export type EntityKind = paths["/api/entities/{kind}/{id}"]["get"]["parameters"]["path"]["kind"];
export type EntityDocument = components["schemas"]["Document"];
export type Headline = components["schemas"]["Headline"];
export type Term = components["schemas"]["Term"];
export type Identity = components["schemas"]["Identity"];
export type Geo = components["schemas"]["Geo"];
export type PlaceHistory = components["schemas"]["PlaceHistory"];
export type KeptPlace = components["schemas"]["KeptPlace"];
export type Line = components["schemas"]["Line"];
export type LineAnswer = components["schemas"]["LineAnswer"];
export type LineList = components["schemas"]["LineList"];
export type Network = components["schemas"]["Network"];
export type Source = components["schemas"]["Source"];
export type Prevalence = components["schemas"]["Prevalence"];
export type PrevalenceDay = components["schemas"]["PrevalenceDay"];
type DeviceList = components["schemas"]["DeviceList"];
type PeerList = components["schemas"]["PeerList"];
export type DeviceItem = components["schemas"]["DeviceItem"];
export type LastEvent = components["schemas"]["LastEvent"];
export type PeerItem = components["schemas"]["PeerItem"];
export type Holder = components["schemas"]["Holder"];
export type Alert = components["schemas"]["Alert"];
export type Many = components["schemas"]["Many"];
export type PlaceCount = components["schemas"]["PlaceCount"];
export type AddressItem = components["schemas"]["AddressItem"];
type AddressList = components["schemas"]["AddressList"];
export type AlertList = components["schemas"]["AlertList"];

export type Contact = components["schemas"]["Contact"];
export type ContactProcess = components["schemas"]["Process"];
export type RelatedGroup = components["schemas"]["RelatedGroup"];
export type RelatedAsk = components["schemas"]["RelatedAsk"];
export type OwnUse = components["schemas"]["OwnUse"];
export type Comparison = components["schemas"]["Comparison"];
export type Difference = components["schemas"]["Difference"];
export type Differing = components["schemas"]["Differing"];
export type AftermathItem = components["schemas"]["AftermathItem"];

/** The kinds of entities with their names. */
export const kindNames: Record<EntityKind, string> = {
  ip: "IP address",
  domain: "Domain",
  url: "URL",
  hash: "Hash",
  account: "Account",
  device: "Device",
  cidr: "Prefix",
  range: "Range",
  asn: "AS number",
};

export function isEntityKind(text: string): text is EntityKind {
  return Object.hasOwn(kindNames, text);
}

/** The part that an address plays in the records to be counted. */
export type Role = NonNullable<
  NonNullable<paths["/api/entities/{kind}/{id}"]["get"]["parameters"]["query"]>["role"]
>;

/** An entity and the part of its story that is asked for; absent bounds: the server's default. */
export interface EntityScope {
  kind: EntityKind;
  id: string;
  from?: string;
  to?: string;
  site?: string;
  role?: Role;
}

type AddressQuery = NonNullable<
  paths["/api/entities/{kind}/{id}/addresses"]["get"]["parameters"]["query"]
>;
type ListQuery = NonNullable<
  paths["/api/entities/{kind}/{id}/devices"]["get"]["parameters"]["query"]
>;

/** The orders of the lists on entity pages; only a list of addresses has all of them. */
const listOrders: readonly NonNullable<ListQuery["sort"]>[] = [
  "last",
  "first",
  "records",
  "name",
  "-last",
  "-first",
  "-records",
  "-name",
];

/** One page of a list. */
export interface Page {
  limit: number;
  offset: number;
  sort?: AddressQuery["sort"];
  q?: string;
}

export const entityQuery = (scope: EntityScope) =>
  queryOptions({
    queryKey: ["entity", scope],
    queryFn: async ({ signal }) =>
      take(await client.GET("/api/entities/{kind}/{id}", { params: params(scope), signal })),
    // Another period of the same entity takes the place of the last one when it is there.
    placeholderData: (previous) =>
      previous?.kind === scope.kind && previous.id === scope.id ? previous : undefined,
    // The share of rarer addresses comes later than all else.
    refetchInterval: (query) => (query.state.data?.prevalence.rarerPending ? 2_000 : false),
  });

/** A page of the devices; the first one, when the document has brought it, is not asked for again. */
export const devicesQuery = (scope: EntityScope, page: Page, brought?: DeviceList) =>
  queryOptions({
    queryKey: ["entity", scope, "devices", page],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/devices", {
          params: params(scope, page),
          signal,
        }),
      ),
    initialData: brought,
    placeholderData: keepPreviousData,
  });

/** As devicesQuery, for the addresses of a page of many. */
export const addressesQuery = (
  { kind, id, ...scope }: EntityScope,
  page: Page,
  brought?: AddressList,
) =>
  queryOptions({
    queryKey: ["entity", { kind, id, ...scope }, "addresses", page],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/addresses", {
          params: { path: { kind, id }, query: { ...scope, ...page } },
          signal,
        }),
      ),
    initialData: brought,
    placeholderData: keepPreviousData,
  });

/** As devicesQuery, for the addresses at the other end. */
export const peersQuery = (scope: EntityScope, page: Page, brought?: PeerList) =>
  queryOptions({
    queryKey: ["entity", scope, "peers", page],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/peers", {
          params: params(scope, page),
          signal,
        }),
      ),
    initialData: brought,
    placeholderData: keepPreviousData,
  });

/** The forms in which a list can be taken away. */
export const exportFormats = { csv: "CSV", jsonl: "JSON lines", parquet: "Parquet" } as const;

/** The lists of an entity page. */
export type ListName = "devices" | "peers" | "addresses";

/** Where the whole of a list, as it is filtered and sorted, is to be had as a file. */
export function exportPath(
  { kind, id, ...scope }: EntityScope,
  list: ListName,
  { sort, q }: Pick<Page, "sort" | "q">,
  format: keyof typeof exportFormats,
): string {
  const words = new URLSearchParams();
  for (const [name, word] of Object.entries({ ...scope, sort, q, format })) {
    if (word !== undefined) words.set(name, word);
  }
  return `/api/entities/${kind}/${encodeURIComponent(id)}/${list}/export?${words}`;
}

type AlertQuery = NonNullable<
  paths["/api/entities/{kind}/{id}/alerts"]["get"]["parameters"]["query"]
>;

/** Which alerts to list, and from where on. */
export type AlertPage = Pick<AlertQuery, "limit" | "offset" | "q" | "severity" | "sort">;

/** A page of the alerts that name it. */
export const alertsQuery = ({ kind, id, ...scope }: EntityScope, page: AlertPage) =>
  queryOptions({
    queryKey: ["entity", { kind, id, ...scope }, "alerts", page],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/alerts", {
          params: { path: { kind, id }, query: { ...scope, ...page } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** Who was in contact with it, who first, by what process. */
export const contactsQuery = (scope: EntityScope) =>
  queryOptions({
    queryKey: ["entity", scope, "contacts"],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/contacts", { params: params(scope), signal }),
      ),
  });

export type ServerName = components["schemas"]["ServerName"];

/** The names under which it was known in own logs. */
export const namesQuery = (scope: EntityScope) =>
  queryOptions({
    queryKey: ["entity", scope, "names"],
    queryFn: async ({ signal }) =>
      take(await client.GET("/api/entities/{kind}/{id}/names", { params: params(scope), signal })),
  });

/** What an analyst asks of an own address. */
export const ownUseQuery = (scope: EntityScope) =>
  queryOptions({
    queryKey: ["entity", scope, "own"],
    queryFn: async ({ signal }) =>
      take(await client.GET("/api/entities/{kind}/{id}/own", { params: params(scope), signal })),
  });

export type RelatedBy = "process" | "shown" | "neighbours";

/** Other addresses that share something with it. */
export const relatedQuery = ({ kind, id, ...query }: EntityScope, by: RelatedBy) =>
  queryOptions({
    queryKey: ["entity", { kind, id, ...query }, "related", by],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/related/{by}", {
          params: { path: { kind, id, by }, query },
          signal,
        }),
      ),
  });

/** The entity beside another one or another period; for neither: the equal period before. */
export const comparisonQuery = (
  scope: EntityScope,
  other: { with?: string; withFrom?: string; withTo?: string },
) =>
  queryOptions({
    queryKey: ["entity", scope, "compare", other],
    queryFn: async ({ signal }) => {
      const { path, query } = params(scope);
      return take(
        await client.GET("/api/entities/{kind}/{id}/compare", {
          params: { path, query: { ...query, ...other } },
          signal,
        }),
      );
    },
  });

/** The parts of a page that read events, which are compared apart. */
export type ComparedPart =
  paths["/api/entities/{kind}/{id}/compare/{part}"]["get"]["parameters"]["path"]["part"];

/** The same of the lists of one of these parts. */
export const partComparisonQuery = (
  scope: EntityScope,
  part: ComparedPart,
  other: { with?: string; withFrom?: string; withTo?: string },
) =>
  queryOptions({
    queryKey: ["entity", scope, "compare", part, other],
    queryFn: async ({ signal }) => {
      const { path, query } = params(scope);
      return take(
        await client.GET("/api/entities/{kind}/{id}/compare/{part}", {
          params: { path: { ...path, part }, query: { ...query, ...other } },
          signal,
        }),
      );
    },
  });

/** What happened on a device in the minutes after a moment. */
export const aftermathQuery = (device: string, at: string, minutes: number, site?: string) =>
  queryOptions({
    queryKey: ["aftermath", device, at, minutes, site],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/devices/{id}/aftermath", {
          params: { path: { id: device }, query: { at, minutes, site } },
          signal,
        }),
      ),
  });

function params({ kind, id, ...scope }: EntityScope, page?: Page) {
  const sort = listOrders.find((order) => order === page?.sort);
  return { path: { kind, id }, query: { ...scope, ...page, sort } };
}
