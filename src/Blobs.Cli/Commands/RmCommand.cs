using System.CommandLine;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs rm CONTAINER…</c>: containers with their layers.</summary>
internal static class RmCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("CONTAINER") { Description = "Names or ids.", Arity = ArgumentArity.OneOrMore };
        var force = new Option<bool>("--force", "-f") { Description = "Also when its file says that it runs, or it is mounted." };
        var root = new RootOptions(writes: true);
        var command = new Command("rm", "Remove containers, made here or by an engine that is stopped.") { names, force };
        root.AddTo(command);
        const string WhenCancelled = "containers that were removed by then stay removed; the others are as they were";
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            using TakenRoot taken = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            foreach (string name in arguments.GetRequiredValue(names))
            {
                await taken.Engine.RemoveContainerAsync(
                    taken.Engine.Containers.Find(name), arguments.GetValue(force), cancellationToken).ConfigureAwait(false);
                Console.Out.WriteLine(name);
            }
        });
        return command.With("blobs rm web", "blobs rm --force 4f66ad9a0b2e");
    }
}
