import {
  Button,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from "@fluentui/react-components";
import { PersonRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { preferencesQuery, setTheme } from "@/api/preferences";
import { type Session, sessionQuery, signOut } from "@/api/session";
import { themeModes, useTheme } from "./theme";

const modeNames = { system: "As the system", light: "Light", dark: "Dark" };

export function UserMenu({ session }: { session: Session }) {
  const { mode, setMode } = useTheme();
  const cache = useQueryClient();
  const kept = useQuery(preferencesQuery).data?.theme;
  // The choice goes with the user from browser to browser.
  useEffect(() => {
    if (kept !== undefined) setMode(kept);
  }, [kept, setMode]);
  const leave = useMutation({
    mutationFn: signOut,
    onSettled: () => {
      cache.setQueryData(sessionQuery.queryKey, null);
      // Nothing that one user saw is left for the next.
      cache.removeQueries({
        predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0],
      });
    },
  });
  return (
    <Menu
      checkedValues={{ theme: [mode] }}
      onCheckedValueChange={(_, { checkedItems }) => {
        const next = themeModes.find((m) => m === checkedItems[0]);
        if (!next) return;
        setMode(next);
        cache.setQueryData(preferencesQuery.queryKey, (old) => old && { ...old, theme: next });
        void setTheme(next);
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<PersonRegular />}>
          {session.user}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>Role: {session.role}</MenuGroupHeader>
          </MenuGroup>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>Theme</MenuGroupHeader>
            {themeModes.map((m) => (
              <MenuItemRadio key={m} name="theme" value={m}>
                {modeNames[m]}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuItem onClick={() => leave.mutate()}>Sign out</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
