import {
  Badge,
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Text,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import { CopyRegular, SearchInfoRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { type Identity, isEntityKind, kindNames } from "@/api/entities";
import { ButtonLink } from "@/components/links";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { huntQuery } from "@/kql/hunt";
import { defang } from "./defang";
import { type EntityView, showPeriod } from "./view";

const useStyles = makeStyles({
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px 10px",
    marginBottom: "12px",
  },
  kind: { color: tokens.colorNeutralForeground3 },
  title: {
    margin: 0,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: "22px",
    lineHeight: "30px",
    fontWeight: 700,
    overflowWrap: "anywhere",
  },
  right: {
    marginLeft: "auto",
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px",
  },
  unseen: { position: "absolute", clipPath: "inset(50%)" },
  note: {
    flexBasis: "100%",
    color: tokens.colorNeutralForeground2,
    "::first-letter": { textTransform: "uppercase" },
  },
});

/** What the entity is, and what can be done with it. */
export function EntityHeader({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { page } = view;
  const { range } = page;
  return (
    <header className={styles.head}>
      <Text size={200} className={styles.kind}>
        {isEntityKind(page.kind) ? kindNames[page.kind] : page.kind}
      </Text>
      <h1 className={styles.title}>
        <Untrusted>{page.id}</Untrusted>
      </h1>
      {page.identity && <IdentityChips identity={page.identity} />}
      <div className={styles.right}>
        <ButtonLink
          to="/query"
          search={{ q: huntQuery(page.kind, page.id, range.from, range.to) }}
          appearance="primary"
          icon={<SearchInfoRegular />}
        >
          Go hunt
        </ButtonLink>
        <CopyMenu id={page.id} />
      </div>
      {range.note && (
        <Text block size={200} className={styles.note} role="note">
          {range.note}
          {range.shifted && (
            <>
              {" "}
              <TextButton link onClick={() => view.update(showPeriod({ range: "30d" }))}>
                Back to now
              </TextButton>
            </>
          )}
        </Text>
      )}
    </header>
  );
}

function IdentityChips({ identity }: { identity: Identity }) {
  return (
    <>
      <Badge appearance="tint" color="brand" size="large">
        {classLabel(identity.class)}
      </Badge>
      <Tooltip content={identity.ownWhy} relationship="description">
        <Badge
          appearance="outline"
          color={identity.own ? "success" : "informative"}
          size="large"
          tabIndex={0}
        >
          {identity.own ? "Own" : "External"}
        </Badge>
      </Tooltip>
    </>
  );
}

function CopyMenu({ id }: { id: string }) {
  const styles = useStyles();
  const [copied, setCopied] = useState("");
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    setCopied(`Copied ${text}`);
  };
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" icon={<CopyRegular />}>
            Copy
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => copy(id)}>As it is</MenuItem>
            <MenuItem onClick={() => copy(defang(id))}>Defanged: {defang(id)}</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      <span role="status" className={styles.unseen}>
        {copied}
      </span>
    </>
  );
}

/** "private" as "Private address". */
function classLabel(name: string): string {
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  return name === "documentation" ? `${capital} range` : `${capital} address`;
}
