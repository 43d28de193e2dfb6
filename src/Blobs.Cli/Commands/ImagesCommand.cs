using System.CommandLine;
using Blobs.Cli.Stores;
using Blobs.Errors;
using Blobs.Hashing.Internal;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs images</c>: the images of a store, in docker's columns.</summary>
internal static class ImagesCommand
{
    private const string None = "<none>";

    public static Command Create()
    {
        Argument<ImageFilterName?> name = NameArgument();
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
        var stores = new StoreOptions(writes: false);
        var command = new Command("images", "List images.") { name, all, isLong, digests, quiet, filter, format, json };
        stores.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            ImageFilterName? only = arguments.GetValue(name);
            using ImageStore store = await stores.OpenAsync(arguments, only?.Store, cancellationToken).ConfigureAwait(false);
            IEnumerable<ListedImage> images = await store.ListAsync(arguments.GetValue(all), cancellationToken).ConfigureAwait(false);
            images = only?.Name is { } wanted ? images.Select(image => Only(image, wanted)).OfType<ListedImage>() : images;
            images = await ImageFilters
                .ApplyAsync(store, images, arguments.GetValue(filter) ?? [], cancellationToken).ConfigureAwait(false);
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
            "blobs images containers-storage:",
            "blobs images --filter dangling=true --quiet",
            "blobs images --json");
    }

    private static Argument<ImageFilterName?> NameArgument() => new("NAME")
    {
        Description = "List only images of this repository, or with this tag or digest; or those of another store, as containers-storage:.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0)
            {
                return null;
            }

            try
            {
                StoredName name = StoredName.Split(result.Tokens[0].Value, needsName: false);
                return new ImageFilterName(name.Store, name.Name.Length > 0 ? ImageReference.Parse(name.Name) : null);
            }
            catch (MalformedDataException fault)
            {
                result.AddError(fault.Message);
                return null;
            }
        },
    };

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
    private static ListedImage? Only(ListedImage image, ImageReference wanted)
    {
        ListedImage only = image with { Tags = [.. image.Tags.Where(Fits)], Digests = [.. image.Digests.Where(Fits)] };
        return only.Tags.Count + only.Digests.Count > 0 ? only : null;

        bool Fits(ImageReference name) => name.Name == wanted.Name
            && (wanted.Tag is null || wanted.Tag == name.Tag)
            && (wanted.Digest is null || wanted.Digest == name.Digest);
    }

    private sealed record ImageFilterName(ImagePlace? Store, ImageReference? Name);
}
