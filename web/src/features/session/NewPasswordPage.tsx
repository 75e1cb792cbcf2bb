import { Field, Input } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sessionQuery, setPassword } from "@/api/session";
import { failureOf } from "./failure";
import { SessionForm } from "./SessionForm";

/** Shown after a sign-in with a one-time password, which opens nothing else. */
export function NewPasswordPage({ user }: { user: string }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: () => setPassword(current, next),
    onSuccess: () => cache.invalidateQueries(sessionQuery),
  });
  const differ = again !== "" && next !== again;
  return (
    <SessionForm
      title="Choose a password"
      lead={`The one-time password of ${user} is void once you set your own.`}
      action="Set password"
      failure={change.error ? failureOf(change.error) : undefined}
      busy={change.isPending}
      onSubmit={() => {
        if (next !== "" && next === again) change.mutate();
      }}
    >
      <Field label="One-time password">
        <Input
          required
          type="password"
          autoComplete="current-password"
          autoFocus
          value={current}
          onChange={(_, { value }) => setCurrent(value)}
        />
      </Field>
      <Field label="New password">
        <Input
          required
          type="password"
          autoComplete="new-password"
          value={next}
          onChange={(_, { value }) => setNext(value)}
        />
      </Field>
      <Field
        label="New password again"
        validationState={differ ? "error" : "none"}
        validationMessage={differ ? "The two are not the same." : undefined}
      >
        <Input
          required
          type="password"
          autoComplete="new-password"
          value={again}
          onChange={(_, { value }) => setAgain(value)}
        />
      </Field>
    </SessionForm>
  );
}
