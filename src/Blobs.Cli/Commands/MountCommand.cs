using System.CommandLine;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs mount CONTAINER</c> and <c>blobs umount CONTAINER</c>: mounts and unmounts a container's root
/// file system.</summary>
internal static class MountCommand
{
    public static Command CreateMount()
    {
        var name = new Argument<string>("CONTAINER") { Description = "Name or id of the container." };
        var root = new RootOptions(writes: true);
        var command = new Command(
            "mount", "Mount a container's root file system and print its path. Adds the files that a start adds.") { name };
        root.AddTo(command);
        command.Runs("nothing was mounted", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            Console.Out.WriteLine(await locked.Root.MountContainerAsync(
                locked.Root.Containers.Find(arguments.GetRequiredValue(name)), cancellationToken).ConfigureAwait(false));
        });
        return command.With("ls $(blobs mount web)", "blobs umount web");
    }

    public static Command CreateUnmount()
    {
        var name = new Argument<string>("CONTAINER") { Description = "Name or id of the container." };
        var root = new RootOptions(writes: true);
        var command = new Command("umount", "Unmount a container's root file system.") { name };
        command.Aliases.Add("unmount");
        root.AddTo(command);
        command.Runs("nothing was unmounted", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            await locked.Root.UnmountContainerAsync(
                locked.Root.Containers.Find(arguments.GetRequiredValue(name)), cancellationToken).ConfigureAwait(false);
        });
        return command.With("blobs umount web");
    }
}
