using System.CommandLine;
using Blobs.Docker;
using Blobs.Hashing.Internal;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs images</c>: the images of a data root, in docker's columns.</summary>
internal static class ImagesCommand
{
    private const string None = "<none>";

    public static Command Create()
    {
        Argument<ImageReference?> name = References.OptionalArgument(
            "NAME", "List only images of this repository, or with this tag or digest.");
        var all = new Option<bool>("--all", "-a") { Description = "Also list intermediate images, which other images were made from." };
        var isLong = new Option<bool>("--no-trunc") { Description = "Print full ids." };
        var digests = new Option<bool>("--digests") { Description = "Print manifest digests." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print ids only." };
        Option<string[]> filter = ImageFilters.Option();
        var format = new Option<string?>("--format")
        {
            Description = "json prints a line of JSON for each image, with docker's members. Go templates are not built.",
            HelpName = "FORMAT",
        };
        GoTemplates.Refuse(format, "images", "blobs images --json | jq -r '.[].repository'", "json");
        Option<bool> json = CommonOptions.Json();
        var root = new RootOptions(writes: false);
        var command = new Command("images", "List images.") { name, all, isLong, digests, quiet, filter, format, json };
        root.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            IEnumerable<ImageSummary> images = locked.Root.List(arguments.GetValue(all));
            images = arguments.GetValue(name) is { } wanted ? images.Select(image => Only(image, wanted)).OfType<ImageSummary>() : images;
            images = ImageFilters.Apply(locked.Root, images, arguments.GetValue(filter) ?? []);
            ImageReport[] rows = [.. images.SelectMany(image => ImageReport.From(image, arguments.GetValue(digests)))];
            if (arguments.GetValue(json))
            {
                Output.WriteJson(rows, ImageJson.Default.ImageReportArray);
            }
            else if (arguments.GetValue(format) is not null)
            {
                foreach (ImageReport row in rows)
                {
                    Output.WriteJsonLine(DockerImageReport.From(row, arguments.GetValue(isLong)), DockerJson.Default.DockerImageReport);
                }
            }
            else if (arguments.GetValue(quiet))
            {
                foreach (string id in rows.Select(row => Id(row, arguments.GetValue(isLong))))
                {
                    Console.Out.WriteLine(id);
                }
            }
            else
            {
                Write(rows, arguments.GetValue(digests), arguments.GetValue(isLong));
            }
        });
        return command.With(
            "blobs images",
            "blobs images --root /var/lib/docker --no-trunc",
            "blobs images --filter dangling=true --quiet",
            "blobs images --json");
    }

    private static void Write(ImageReport[] rows, bool withDigests, bool isLong)
    {
        string[] digest = withDigests ? ["DIGEST"] : [];
        var table = new Table(["REPOSITORY", "TAG", .. digest, "IMAGE ID", "CREATED", "SIZE"]);
        foreach (ImageReport row in rows)
        {
            digest = withDigests ? [row.Digest ?? None] : [];
            table.Add([row.Repository ?? None, row.Tag ?? None, .. digest, Id(row, isLong), row.CreatedSince, row.DisplaySize]);
        }

        table.WriteTo(Console.Out);
    }

    private static string Id(ImageReport row, bool isLong) => isLong ? row.Id : DigestText.Shorten(row.Id);

    // The image with only the names that match; null when none does.
    private static ImageSummary? Only(ImageSummary image, ImageReference wanted)
    {
        ImageSummary only = image with { Tags = [.. image.Tags.Where(Fits)], Digests = [.. image.Digests.Where(Fits)] };
        return only.Tags.Count + only.Digests.Count > 0 ? only : null;

        bool Fits(ImageReference name) => name.Name == wanted.Name
            && (wanted.Tag is null || wanted.Tag == name.Tag)
            && (wanted.Digest is null || wanted.Digest == name.Digest);
    }
}
