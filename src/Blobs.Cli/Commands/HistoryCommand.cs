using System.CommandLine;
using Blobs.Docker;
using Blobs.Hashing.Internal;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs history REF</c>: how an image was made, in docker's columns.</summary>
internal static class HistoryCommand
{
    private const int CreatedByLength = 45;
    private const string Unknown = "<missing>";

    public static Command Create()
    {
        Argument<string> image = new Argument<string>("IMAGE") { Description = "Name or id of the image." }.ForImages();
        var isLong = new Option<bool>("--no-trunc") { Description = "Print full ids and commands." };
        Option<bool> json = CommonOptions.Json();
        var root = new RootOptions(writes: false);
        var command = new Command("history", "Show how an image was made, latest step first.") { image, isLong, json };
        root.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<HistoryStep> steps = locked.Root.HistoryOf(locked.Root.Find(arguments.GetRequiredValue(image)));
            if (arguments.GetValue(json))
            {
                Output.WriteJson([.. steps.Select(HistoryReport.From)], ImageJson.Default.HistoryReportArray);
                return;
            }

            Write(steps, arguments.GetValue(isLong));
        });
        return command.With("blobs history alpine:3.18", "blobs history --no-trunc 7b4130c2f55f");
    }

    private static void Write(IReadOnlyList<HistoryStep> steps, bool isLong)
    {
        var table = new Table("IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT");
        foreach (HistoryStep step in steps)
        {
            // As docker: a tab would start another column.
            string createdBy = (step.Entry.CreatedBy ?? "").Replace('\t', ' ');
            string id = step.Image is null ? Unknown : $"{step.Image}";
            table.Add(
                isLong || step.Image is null ? id : DigestText.Shorten(id),
                Human.Since(step.Entry.CreatedTime),
                isLong || createdBy.Length <= CreatedByLength ? createdBy : $"{createdBy[..(CreatedByLength - 1)]}…",
                Human.Size(step.Size),
                step.Entry.Comment ?? "");
        }

        table.WriteTo(Console.Out);
    }
}
