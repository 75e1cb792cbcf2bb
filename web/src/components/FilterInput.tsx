import { Input, makeStyles } from "@fluentui/react-components";
import { FilterRegular } from "@fluentui/react-icons";

const useStyles = makeStyles({ input: { width: "260px", maxWidth: "100%" } });

interface FilterInputProps {
  /** What the list calls its rows. */
  noun: string;
  /** In what the text is looked for. */
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
}

/** The field above a list that keeps the rows with a text. */
export function FilterInput(props: FilterInputProps) {
  const { noun, placeholder = `Filter ${props.noun}`, value, onChange } = props;
  const styles = useStyles();
  return (
    <Input
      className={styles.input}
      size="small"
      contentBefore={<FilterRegular />}
      placeholder={placeholder}
      aria-label={`Filter ${noun}`}
      value={value}
      onChange={(_, data) => onChange(data.value)}
    />
  );
}
