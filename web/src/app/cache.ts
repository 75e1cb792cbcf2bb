import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/client";

/** The cache of what the server said. Refusals are final; only a lost connection is retried. */
export function createCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => !(error instanceof ApiError) && failures < 2,
      },
    },
  });
}
