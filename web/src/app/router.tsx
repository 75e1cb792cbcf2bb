import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { entitySearch } from "@/features/entities/view";
import { HomePage } from "@/features/home/HomePage";
import { NotFound } from "./NotFound";
import { Root } from "./Root";
import { RouteFailure } from "./RouteFailure";
import { parseSearch, stringifySearch } from "./urlSearch";

const root = createRootRoute({
  component: Root,
  notFoundComponent: NotFound,
});

const home = createRoute({ getParentRoute: () => root, path: "/", component: HomePage });

const ip = createRoute({
  getParentRoute: () => root,
  path: "/ip/$address",
  validateSearch: entitySearch,
  component: lazyRouteComponent(() => import("@/features/entities/IPPage"), "IPPage"),
});

const entity = createRoute({
  getParentRoute: () => root,
  path: "/entity/$kind/$id",
  validateSearch: entitySearch,
  component: lazyRouteComponent(() => import("@/features/entities/OtherPage"), "OtherPage"),
});

const query = createRoute({
  getParentRoute: () => root,
  path: "/query",
  validateSearch: (search: Record<string, unknown>): { q?: string } => ({ q: text(search.q) }),
  component: lazyRouteComponent(() => import("@/features/hunt/QueryPage"), "QueryPage"),
});

const triage = createRoute({
  getParentRoute: () => root,
  path: "/triage",
  validateSearch: (
    search: Record<string, unknown>,
  ): { q?: string; sort?: string; columns?: string } => ({
    q: text(search.q),
    sort: text(search.sort),
    columns: text(search.columns),
  }),
  component: lazyRouteComponent(() => import("@/features/triage/TriagePage"), "TriagePage"),
});

const sources = createRoute({
  getParentRoute: () => root,
  path: "/sources",
  component: lazyRouteComponent(() => import("@/features/sources/SourcesPage"), "SourcesPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([home, ip, entity, triage, query, sources]),
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  // Of every page, so that the frame around it stays.
  defaultErrorComponent: ({ error }) => <RouteFailure error={error} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
