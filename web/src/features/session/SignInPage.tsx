import { Field, Input } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sessionQuery, signIn } from "@/api/session";
import { failureOf } from "./failure";
import { SessionForm } from "./SessionForm";

export function SignInPage() {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const cache = useQueryClient();
  const enter = useMutation({
    mutationFn: () => signIn(user, password),
    onSuccess: (session) => cache.setQueryData(sessionQuery.queryKey, session),
  });
  return (
    <SessionForm
      title="Spoor"
      lead="Sign in to go on."
      action="Sign in"
      failure={enter.error ? failureOf(enter.error) : undefined}
      busy={enter.isPending}
      onSubmit={() => enter.mutate()}
    >
      <Field label="User">
        <Input
          required
          name="user"
          autoComplete="username"
          autoFocus
          value={user}
          onChange={(_, { value }) => setUser(value)}
        />
      </Field>
      <Field label="Password">
        <Input
          required
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(_, { value }) => setPassword(value)}
        />
      </Field>
    </SessionForm>
  );
}
