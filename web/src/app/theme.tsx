import {
  FluentProvider,
  makeStyles,
  tokens,
  webDarkTheme,
  webLightTheme,
} from "@fluentui/react-components";
import { createContext, type ReactNode, use, useMemo, useState, useSyncExternalStore } from "react";

export const themeModes = ["system", "light", "dark"] as const;

export type ThemeMode = (typeof themeModes)[number];

interface ThemeChoice {
  mode: ThemeMode;
  setMode: (mode: ThemeMode) => void;
}

const ThemeContext = createContext<ThemeChoice>({ mode: "system", setMode: () => {} });

const storageKey = "spoor.theme";
const darkPreferred = window.matchMedia("(prefers-color-scheme: dark)");

const useStyles = makeStyles({
  page: { minHeight: "100vh", backgroundColor: tokens.colorNeutralBackground2 },
});

export function useTheme(): ThemeChoice {
  return use(ThemeContext);
}

/** Light or dark, as the system says or the user chose; the choice is kept in the browser. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const styles = useStyles();
  const [mode, setMode] = useState<ThemeMode>(storedMode);
  const systemDark = useSyncExternalStore(subscribe, () => darkPreferred.matches);
  const dark = mode === "dark" || (mode === "system" && systemDark);
  const choice = useMemo(
    () => ({
      mode,
      setMode: (next: ThemeMode) => {
        localStorage.setItem(storageKey, next);
        setMode(next);
      },
    }),
    [mode],
  );
  return (
    <ThemeContext value={choice}>
      <FluentProvider
        theme={dark ? webDarkTheme : webLightTheme}
        style={{ colorScheme: dark ? "dark" : "light" }}
      >
        {/* Not on the provider itself: its class goes to every portal, too. */}
        <div className={styles.page}>{children}</div>
      </FluentProvider>
    </ThemeContext>
  );
}

function storedMode(): ThemeMode {
  const stored = localStorage.getItem(storageKey);
  return themeModes.find((mode) => mode === stored) ?? "system";
}

function subscribe(changed: () => void): () => void {
  darkPreferred.addEventListener("change", changed);
  return () => darkPreferred.removeEventListener("change", changed);
}
