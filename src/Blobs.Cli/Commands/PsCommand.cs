using System.CommandLine;
using Blobs.Hashing.Internal;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs ps</c>: the containers of a data root, in docker's columns. While blobs reads the root no engine uses it, so
/// none of them runs and all are shown.</summary>
internal static class PsCommand
{
    public static Command Create()
    {
        var all = new Option<bool>("--all", "-a") { Description = "Accepted as docker does; all containers are always listed." };
        var isLong = new Option<bool>("--no-trunc") { Description = "Print full ids and commands." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print ids only." };
        Option<bool> json = CommonOptions.Json();
        var root = new RootOptions(writes: false);
        var command = new Command("ps", "List containers.") { all, isLong, quiet, json };
        root.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            ContainerReport[] rows = [.. locked.Root.ListContainers().Select(ContainerReport.From)];
            if (arguments.GetValue(json))
            {
                Output.WriteJson(rows, ImageJson.Default.ContainerReportArray);
            }
            else if (arguments.GetValue(quiet))
            {
                Array.ForEach(rows, row => Console.Out.WriteLine(arguments.GetValue(isLong) ? row.Id : DigestText.Shorten(row.Id)));
            }
            else
            {
                Write(rows, arguments.GetValue(isLong));
            }
        });
        return command.With("blobs ps", "blobs ps --json");
    }

    private static void Write(ContainerReport[] rows, bool isLong)
    {
        var table = new Table("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES");
        foreach (ContainerReport row in rows)
        {
            string[] about = isLong
                ? [row.Id, row.Image, $"\"{row.Command}\""]
                : [DigestText.Shorten(row.Id), row.ShortImage, row.ShortCommand];
            table.Add([.. about, $"{row.CreatedSince} ago", row.Status, "", row.Name]);
        }

        table.WriteTo(Console.Out);
    }
}
