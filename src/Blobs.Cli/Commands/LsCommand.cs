using System.CommandLine;
using System.Globalization;
using Blobs.Cli.Contents;
using Blobs.Cli.Places;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs ls PLACE[:/PATH]</c>: lists the files of an image.</summary>
internal static class LsCommand
{
    private const int WideColumns = 60;

    public static Command Create()
    {
        Argument<Place> place = PlaceArguments.Required("PLACE", $"{Place.Forms}, container:NAME or layer:CHAINID; and :/PATH in it.");
        var isLong = new Option<bool>("--long", "-l") { Description = "Also print mode, links, owner, group, size and time, as ls -ln." };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "Also list what is in the directories, with whole paths." };
        var itself = new Option<bool>("--directory", "-d") { Description = "List a directory itself, not what is in it." };
        var human = new Option<bool>("--human") { Description = "Print sizes with units." };
        Option<bool> json = CommonOptions.Json();
        var places = new PlaceOptions();
        var command = new Command("ls", "List the files of an image.") { place, isLong, recursive, itself, human, json };
        places.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            Place wanted = arguments.GetRequiredValue(place);
            bool isDetailed = arguments.GetValue(isLong) || arguments.GetValue(json);
            ImageEntry found = await OpenedFiles.UseAsync(
                places,
                arguments,
                wanted,
                new ImageReadOptions(),
                arguments.GetValue(json),
                files => files.System.FindAsync(wanted.Path ?? "/", !isDetailed, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            bool isList = found.File.IsDirectory && !arguments.GetValue(itself);
            ImageEntry[] listed = [.. !isList ? [found] : arguments.GetValue(recursive) ? Below(found) : found.Children];
            if (arguments.GetValue(json))
            {
                Output.WriteJson([.. listed.Select(FileReport.From)], FileJson.Default.FileReportArray);
                return;
            }

            string[] names = [.. listed.Select(entry => Name(entry, found, isList, arguments.GetValue(recursive)))];
            Write(listed, names, arguments.GetValue(isLong), arguments.GetValue(human));
        });
        return command.With(
            "blobs ls alpine:3.20",
            "blobs ls -l docker://debian:/etc",
            "blobs ls -lR oci-archive:app.tar:/usr/local",
            "blobs ls --json container:web:/var/log");
    }

    private static IEnumerable<ImageEntry> Below(ImageEntry directory) =>
        directory.Children.SelectMany(entry => Below(entry).Prepend(entry));

    private static string Name(ImageEntry entry, ImageEntry found, bool isList, bool isRecursive) =>
        !isList ? FileText.PathOf(found)
        : isRecursive ? FileText.PathOf(entry)
        : FileText.NameOf(entry);

    private static void Write(ImageEntry[] entries, string[] names, bool isLong, bool isHuman)
    {
        if (!isLong)
        {
            foreach (string name in names)
            {
                Console.Out.WriteLine(name);
            }

            return;
        }

        // A narrow terminal has no room for links and times.
        bool isWide = Console.IsOutputRedirected || Console.WindowWidth >= WideColumns;
        string[][] rows = [.. entries.Select(entry => Cells(entry.File, isWide, isHuman))];
        int[] widths = rows.Length == 0 ? [] : [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        for (int index = 0; index < rows.Length; index++)
        {
            IEnumerable<string> cells = rows[index].Select((cell, column) => cell.PadLeft(widths[column]));
            Console.Out.WriteLine($"{string.Join(' ', cells)} {names[index]}{FileText.ArrowOf(entries[index].File)}");
        }
    }

    private static string[] Cells(ImageFile file, bool isWide, bool isHuman)
    {
        string[] middle = [Text(file.Uid), Text(file.Gid), FileText.SizeOf(file, isHuman)];
        return isWide
            ? [FileText.ModeOf(file), Text(file.LinkCount), .. middle, FileText.TimeOf(file)]
            : [FileText.ModeOf(file), .. middle];

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
