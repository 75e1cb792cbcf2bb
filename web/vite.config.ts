import react from "@vitejs/plugin-react";
import { defineConfig, type HtmlTagDescriptor, type Plugin } from "vite";

export default defineConfig({
  plugins: [react(), preloadApp()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    // An inlined asset would be a data: URL, which the server's policy refuses.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    // What several parts of the app share comes in two files, and not in a score of small ones.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "libraries", test: /node_modules/, minShareCount: 2 },
            // What runs first waits for nothing else.
            { name: "early", test: /src\/(api|app)\/early|vite\/preload-helper/, priority: 1 },
            { name: "shared", test: /src/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: {
    proxy: { "/api": "http://127.0.0.1:8080" },
  },
});

/**
 * Has the browser load the app's code beside the little that starts it, and with it that of
 * the page of an address, which most links are to and most visits come to.
 */
function preloadApp(): Plugin {
  const wanted = /\/(app\/main|features\/entities\/IPPage)\.tsx$/;
  return {
    name: "preload-app",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle = {} }) {
        const files = new Set<string>();
        const add = (name: string) => {
          const file = bundle[name];
          if (file?.type !== "chunk" || files.has(name)) return;
          files.add(name);
          file.imports.forEach(add);
        };
        for (const [name, file] of Object.entries(bundle)) {
          if (file.type === "chunk" && wanted.test(file.facadeModuleId ?? "")) add(name);
        }
        return [...files].map(
          (name): HtmlTagDescriptor => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `/${name}` },
            injectTo: "head",
          }),
        );
      },
    },
  };
}
