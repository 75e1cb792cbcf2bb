import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { wasSignedIn } from "@/api/early";
import { type EntityKind, entityQuery, isEntityKind } from "@/api/entities";
import { type EntitySearch, endsNow, entitySearch, scopeAsked } from "@/features/entities/view";
import { HomePage } from "@/features/home/HomePage";
import { NotFound } from "./NotFound";
import { whenItComes } from "./notLoaded";
import { Root } from "./Root";
import { RouteFailure } from "./RouteFailure";
import { parseSearch, stringifySearch } from "./urlSearch";

interface Context {
  cache: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Root,
  notFoundComponent: NotFound,
});

/** What a link says of the columns of the tables of a page. */
interface TableSearch {
  tables?: string;
}

const tableSearch = (search: Record<string, unknown>): TableSearch => ({
  tables: text(search.tables),
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: tableSearch,
  component: HomePage,
});

const ip = createRoute({
  getParentRoute: () => root,
  path: "/ip/$address",
  validateSearch: entitySearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => askEarly(context, "ip", params.address, deps),
  component: lazyRouteComponent(() => whenItComes(import("@/features/entities/IPPage")), "IPPage"),
});

const entity = createRoute({
  getParentRoute: () => root,
  path: "/entity/$kind/$id",
  validateSearch: entitySearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    if (isEntityKind(params.kind)) askEarly(context, params.kind, params.id, deps);
  },
  component: lazyRouteComponent(
    () => whenItComes(import("@/features/entities/OtherPage")),
    "OtherPage",
  ),
});

const query = createRoute({
  getParentRoute: () => root,
  path: "/query",
  validateSearch: (
    search: Record<string, unknown>,
  ): TableSearch & { q?: string; columns?: string } => ({
    ...tableSearch(search),
    q: text(search.q),
    columns: text(search.columns),
  }),
  component: lazyRouteComponent(
    () => whenItComes(import("@/features/hunt/QueryPage")),
    "QueryPage",
  ),
});

const triage = createRoute({
  getParentRoute: () => root,
  path: "/triage",
  validateSearch: (
    search: Record<string, unknown>,
  ): TableSearch & { q?: string; sort?: string; columns?: string } => ({
    ...tableSearch(search),
    q: text(search.q),
    sort: text(search.sort),
    columns: text(search.columns),
  }),
  component: lazyRouteComponent(
    () => whenItComes(import("@/features/triage/TriagePage")),
    "TriagePage",
  ),
});

const sources = createRoute({
  getParentRoute: () => root,
  path: "/sources",
  validateSearch: tableSearch,
  component: lazyRouteComponent(
    () => whenItComes(import("@/features/sources/SourcesPage")),
    "SourcesPage",
  ),
});

/** The pages of the app; what they ask for early goes to the cache. */
export function createPages(cache: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([home, ip, entity, triage, query, sources]),
    context: { cache },
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    // Of every page, so that the frame around it stays.
    defaultErrorComponent: ({ error }) => <RouteFailure error={error} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPages>;
  }
}

/** Asks for the document of a page while its code is still on its way. */
function askEarly({ cache }: Context, kind: EntityKind, id: string, search: EntitySearch): void {
  if (!wasSignedIn()) return; // first comes the sign-in
  if (endsNow(search)) return; // by the time the page asks, it is another period
  void cache.prefetchQuery(entityQuery(scopeAsked(kind, id, search, new Date())));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
