import {
  Button,
  Field,
  Input,
  Menu,
  MenuDivider,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from "@fluentui/react-components";
import { ClockRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { preferencesQuery, setTimeZone } from "@/api/preferences";
import { DialogForm } from "@/components/DialogForm";
import { useDialog } from "@/components/useDialog";
import { allZones, browserZone, describeZone, shownZone, utc, zoneOf } from "@/time/zone";

/** The zone in which all pages show their times, and the choice of another. */
export function TimeZoneMenu() {
  const cache = useQueryClient();
  const kept = useQuery(preferencesQuery).data?.timeZone ?? utc;
  const now = new Date();
  const shown = shownZone();
  const own = zoneOf(browserZone) ?? utc;
  const choose = (timeZone: string) => {
    cache.setQueryData(preferencesQuery.queryKey, (old) => old && { ...old, timeZone });
    void setTimeZone(timeZone);
  };
  const { ask, dialog } = useDialog((close) => (
    <ZoneForm
      onChoose={(zone) => {
        close();
        choose(zone);
      }}
      onClose={close}
    />
  ));
  const others = kept === utc || kept === browserZone ? [] : [kept];
  return (
    <>
      <Menu
        checkedValues={{ zone: [kept] }}
        onCheckedValueChange={(_, { checkedItems }) => {
          if (checkedItems[0] !== undefined) choose(checkedItems[0]);
        }}
      >
        <MenuTrigger disableButtonEnhancement>
          <Button
            appearance="subtle"
            size="small"
            icon={<ClockRegular />}
            aria-label={`Time zone: ${describeZone(shown, now)}`}
            title="All times are shown in this zone; pointed at, a time says itself in UTC"
          >
            {shown}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItemRadio name="zone" value={utc}>
              UTC
            </MenuItemRadio>
            <MenuItemRadio name="zone" value={browserZone}>
              The browser’s: {describeZone(own, now)}
            </MenuItemRadio>
            {others.map((zone) => (
              <MenuItemRadio key={zone} name="zone" value={zone}>
                {describeZone(zone, now)}
              </MenuItemRadio>
            ))}
            <MenuDivider />
            <MenuItem onClick={ask}>Another zone…</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      {dialog}
    </>
  );
}

function ZoneForm({
  onChoose,
  onClose,
}: {
  onChoose: (zone: string) => void;
  onClose: () => void;
}) {
  const list = useId();
  const [text, setText] = useState("");
  const zone = text.trim() === "" ? undefined : zoneOf(text.trim());
  return (
    <DialogForm
      title="Time zone"
      does="Show times in it"
      ready={zone !== undefined}
      onSend={() => zone !== undefined && onChoose(zone)}
      onClose={onClose}
    >
      <Field
        label="Zone"
        hint="by its IANA name, for example Europe/Berlin"
        validationState={text !== "" && zone === undefined ? "error" : "none"}
        validationMessage={text !== "" && zone === undefined ? "There is no such zone." : undefined}
      >
        <Input list={list} value={text} onChange={(_, { value }) => setText(value)} />
      </Field>
      <datalist id={list}>
        {allZones().map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </DialogForm>
  );
}
