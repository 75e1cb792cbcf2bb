import {
  Button,
  Checkbox,
  Dialog,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  Field,
  Input,
  makeStyles,
  Text,
} from "@fluentui/react-components";
import { OrganizationRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isMany } from "@/api/kinds";
import { addNetwork } from "@/api/networks";
import { mayChange, sessionQuery } from "@/api/session";
import { Failure } from "@/components/states";
import { NetworkList } from "./NetworkList";
import { proposedRange, validity } from "./namedRange";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  form: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: "10px",
    "& .fui-Input": { minWidth: 0 },
  },
  pair: {
    display: "grid",
    gridTemplateColumns: "repeat(2, minmax(0, 1fr))",
    gap: "10px",
    alignItems: "start",
  },
  buttons: { display: "flex", justifyContent: "flex-end", gap: "8px" },
});

/** The named ranges that an address lies in, and a form that gives one a name. */
export function NamedRangeButton({ view }: { view: EntityView }) {
  const networks = view.page.identity?.networks ?? [];
  const [open, setOpen] = useState(false);
  const mayAdd = mayChange(useQuery(sessionQuery).data);
  const first = networks[0];
  return (
    <Dialog open={open} onOpenChange={(_, data) => setOpen(data.open)}>
      <DialogTrigger disableButtonEnhancement>
        <Button size="small" icon={<OrganizationRegular />}>
          {first ? `In ${first.name}` : "Named range"}
        </Button>
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Named ranges</DialogTitle>
          <DialogContent>
            <NetworkList networks={networks} />
            {mayAdd ? (
              <NewRange view={view} onAdded={() => setOpen(false)} />
            ) : (
              <Text block>Adding a range needs the role analyst.</Text>
            )}
          </DialogContent>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function NewRange({ view, onAdded }: { view: EntityView; onAdded: () => void }) {
  const styles = useStyles();
  const cache = useQueryClient();
  const [cidr, setCidr] = useState(proposed(view.entity));
  const [name, setName] = useState("");
  const [role, setRole] = useState("");
  const [owner, setOwner] = useState("");
  const [site, setSite] = useState(view.search.site ?? "");
  const [first, setFirst] = useState("");
  const [last, setLast] = useState("");
  const [trustedProxy, setTrustedProxy] = useState(false);
  const add = useMutation({
    mutationFn: () =>
      addNetwork({ cidr, name, role, owner, site, trustedProxy, ...validity(first, last) }),
    onSuccess: async () => {
      onAdded();
      // It changes whose an address is, and so most of what pages say.
      await cache.invalidateQueries({ queryKey: ["entity"] });
    },
  });
  const ends = first !== "" && last !== "" && last < first;
  return (
    <form
      className={styles.form}
      aria-label="New named range"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Text block>
        A range of the catalogue is the organisation’s own: its addresses are counted as devices,
        not as peers.
      </Text>
      <div className={styles.pair}>
        <Field label="Range (CIDR)" required>
          <Input value={cidr} onChange={(_, { value }) => setCidr(value)} />
        </Field>
        <Field label="Name" required>
          <Input value={name} onChange={(_, { value }) => setName(value)} />
        </Field>
      </div>
      <div className={styles.pair}>
        <Field label="Role" hint="clients, servers, guest, vpn …">
          <Input value={role} onChange={(_, { value }) => setRole(value)} />
        </Field>
        <Field label="Owner">
          <Input value={owner} onChange={(_, { value }) => setOwner(value)} />
        </Field>
      </div>
      <Field label="Site" hint="empty: at every site">
        <Input value={site} onChange={(_, { value }) => setSite(value)} />
      </Field>
      <div className={styles.pair}>
        <Field label="Valid from (UTC day)" hint="empty: always">
          <Input type="date" value={first} onChange={(_, { value }) => setFirst(value)} />
        </Field>
        <Field
          label="Valid to, this day included"
          hint="empty: open"
          validationState={ends ? "error" : "none"}
          validationMessage={ends ? "It ends before it begins." : undefined}
        >
          <Input type="date" value={last} onChange={(_, { value }) => setLast(value)} />
        </Field>
      </div>
      <Checkbox
        label="Its hosts are proxies whose X-Forwarded-For is believed"
        checked={trustedProxy}
        onChange={(_, { checked }) => setTrustedProxy(checked === true)}
      />
      {add.isError && <Failure title="The range was not added" error={add.error} />}
      <div className={styles.buttons}>
        <Button
          type="submit"
          appearance="primary"
          disabled={add.isPending || name.trim() === "" || ends}
        >
          Add range
        </Button>
        <DialogTrigger disableButtonEnhancement>
          <Button>Close</Button>
        </DialogTrigger>
      </div>
    </form>
  );
}

/** A prefix itself, or the usual network around an address; of an AS none. */
function proposed({ kind, id }: EntityView["entity"]): string {
  if (isMany(kind)) return kind === "cidr" ? id : "";
  return proposedRange(id);
}
