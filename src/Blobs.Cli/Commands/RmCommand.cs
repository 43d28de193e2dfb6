using System.CommandLine;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs rm CONTAINER…</c>: removes containers and their read-write layers.</summary>
internal static class RmCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("CONTAINER") { Description = "Names or ids of containers.", Arity = ArgumentArity.OneOrMore };
        var force = new Option<bool>("--force", "-f") { Description = "Also remove containers that are marked as running or are mounted." };
        var root = new RootOptions(writes: true);
        var command = new Command("rm", "Remove containers, whether made by blobs or by docker.") { names, force };
        root.AddTo(command);
        const string WhenCancelled = "containers already removed stay removed; the others are unchanged";
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            foreach (string name in arguments.GetRequiredValue(names))
            {
                await locked.Root.RemoveContainerAsync(
                    locked.Root.Containers.Find(name), arguments.GetValue(force), cancellationToken).ConfigureAwait(false);
                Console.Out.WriteLine(name);
            }
        });
        return command.With("blobs rm web", "blobs rm --force 4f66ad9a0b2e");
    }
}
