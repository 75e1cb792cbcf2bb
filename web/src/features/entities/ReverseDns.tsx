import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { sessionQuery } from "@/api/session";
import { reverseDns, setReverseDns, settingsQuery } from "@/api/settings";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";

/**
 * Live reverse DNS. Nothing is asked until somebody says so, for whoever runs the
 * address's zone can notice the question.
 */
export function ReverseDns({ address }: { address: string }) {
  const settings = useQuery(settingsQuery);
  const session = useQuery(sessionQuery);
  const cache = useQueryClient();
  const ask = useMutation({ mutationFn: () => reverseDns(address) });
  const allow = useMutation({
    mutationFn: () => setReverseDns(true),
    onSuccess: () => cache.invalidateQueries(settingsQuery),
  });
  if (!settings.data) return null;
  if (!settings.data.reverseDns) {
    return (
      <>
        switched off
        {session.data?.role === "admin" && (
          <>
            {" · "}
            <TextButton link onClick={() => allow.mutate()}>
              allow look-ups
            </TextButton>
          </>
        )}
      </>
    );
  }
  if (ask.isPending) return "asking …";
  if (ask.isError) return <Untrusted>{ask.error.message}</Untrusted>;
  if (!ask.isSuccess) {
    return (
      <TextButton link onClick={() => ask.mutate()}>
        ask now (its owner can notice)
      </TextButton>
    );
  }
  return ask.data.length === 0 ? "no name" : <Untrusted>{ask.data.join(", ")}</Untrusted>;
}
