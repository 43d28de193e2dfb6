using System.CommandLine;
using System.Globalization;
using Blobs.Cli.Contents;
using Blobs.Cli.Places;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs tree PLACE[:/PATH]</c>: draws the directory tree of an image.</summary>
internal static class TreeCommand
{
    public static Command Create()
    {
        Argument<Place> place = PlaceArguments.Required("PLACE", $"{Place.Forms}, container:NAME or layer:CHAINID; and :/PATH in it.");
        var depth = new Option<int?>("--level", "-L") { Description = "Descend at most this many directories.", HelpName = "N" };
        depth.Validators.Add(result =>
        {
            if (result.GetValue(depth) < 1)
            {
                result.AddError("--level: a number of 1 or more is needed");
            }
        });
        var directories = new Option<bool>("--directories", "-d") { Description = "Show directories only." };
        Option<bool> json = CommonOptions.Json();
        var places = new PlaceOptions();
        var command = new Command("tree", "Draw the directory tree of an image.") { place, depth, directories, json };
        places.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            Place wanted = arguments.GetRequiredValue(place);
            ImageEntry found = await OpenedFiles.UseAsync(
                places,
                arguments,
                wanted,
                new ImageReadOptions(),
                arguments.GetValue(json),
                files => files.System.FindAsync(wanted.Path ?? "/", cancellationToken: cancellationToken),
                cancellationToken).ConfigureAwait(false);
            var drawing = new Drawing(arguments.GetValue(depth) ?? int.MaxValue, arguments.GetValue(directories));
            if (arguments.GetValue(json))
            {
                Output.WriteJson([.. drawing.Entries(found).Select(FileReport.From)], FileJson.Default.FileReportArray);
                return;
            }

            drawing.Write(found, Console.Out);
        });
        return command.With("blobs tree alpine:3.20:/etc", "blobs tree -L 2 -d docker://debian", "blobs tree oci:layout:1");
    }

    private sealed class Drawing(int depth, bool onlyDirectories)
    {
        private int _directories;
        private int _files;

        public IEnumerable<ImageEntry> Entries(ImageEntry root) => Entries(root, 1).Prepend(root);

        public void Write(ImageEntry root, TextWriter output)
        {
            output.WriteLine(FileText.PathOf(root) + FileText.ArrowOf(root.File));
            Write(root, "", 1, output);
            string files = string.Create(CultureInfo.InvariantCulture, $", {_files} {(_files == 1 ? "file" : "files")}");
            output.WriteLine();
            output.WriteLine(
                $"{_directories} {(_directories == 1 ? "directory" : "directories")}{(onlyDirectories ? "" : files)}");
        }

        private IEnumerable<ImageEntry> Entries(ImageEntry directory, int level) => level > depth
            ? []
            : Shown(directory).SelectMany(entry => Entries(entry, level + 1).Prepend(entry));

        private ImageEntry[] Shown(ImageEntry directory) =>
            [.. directory.Children.Where(entry => !onlyDirectories || entry.File.IsDirectory)];

        private void Write(ImageEntry directory, string indent, int level, TextWriter output)
        {
            ImageEntry[] shown = level > depth ? [] : Shown(directory);
            for (int index = 0; index < shown.Length; index++)
            {
                ImageEntry entry = shown[index];
                bool isLast = index == shown.Length - 1;
                _directories += entry.File.IsDirectory ? 1 : 0;
                _files += entry.File.IsDirectory ? 0 : 1;
                output.WriteLine($"{indent}{(isLast ? "└── " : "├── ")}{FileText.NameOf(entry)}{FileText.ArrowOf(entry.File)}");
                Write(entry, indent + (isLast ? "    " : "│   "), level + 1, output);
            }
        }
    }
}
