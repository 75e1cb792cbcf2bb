import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { wasSignedIn } from "@/api/early";
import { preferencesQuery } from "@/api/preferences";
import { watchReach } from "@/api/reach";
import { endSessionOn401, sessionQuery } from "@/api/session";
import { createCache } from "./cache";
import { createPages } from "./router";
import { ThemeProvider } from "./theme";

const cache = createCache();
const pages = createPages(cache);
endSessionOn401(cache);
void cache.prefetchQuery(sessionQuery);
if (wasSignedIn()) void cache.prefetchQuery(preferencesQuery);
watchReach();

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");

createRoot(root).render(
  <StrictMode>
    <ThemeProvider>
      <QueryClientProvider client={cache}>
        <RouterProvider router={pages} />
      </QueryClientProvider>
    </ThemeProvider>
  </StrictMode>,
);
