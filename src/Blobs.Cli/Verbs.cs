using System.CommandLine;
using Blobs.Cli.Commands;

namespace Blobs.Cli;

/// <summary>All verbs of the command, in the groups and the order in which <c>blobs --help</c> lists them.</summary>
internal static class Verbs
{
    public static void AddTo(RootCommand root)
    {
        root.AddGroup(
            "Move images",
            PullCommand.Create(),
            PushCommand.Create(),
            CopyCommand.Create(),
            SyncCommand.Create(),
            LoadCommand.Create(),
            SaveCommand.Create());
        root.AddGroup(
            "Images in a data root",
            ImagesCommand.Create(),
            InspectCommand.Create(),
            HistoryCommand.Create(),
            TagCommand.Create(),
            RmiCommand.Create());
        root.AddGroup(
            "Containers in a data root",
            CreateCommand.Create(),
            PsCommand.Create(),
            RmCommand.Create(),
            MountCommand.CreateMount(),
            MountCommand.CreateUnmount());
        root.AddGroup(
            "Read images, wherever they are",
            LsCommand.Create(),
            TreeCommand.Create(),
            CatCommand.Create(),
            CpCommand.Create(),
            ExportCommand.Create(),
            DiffCommand.Create(),
            DuCommand.Create(),
            FindCommand.Create());
        root.AddGroup(
            "Build and change images",
            AppendCommand.Create(),
            MutateCommand.Create(),
            RebaseCommand.Create(),
            FlattenCommand.Create(),
            AddCommand.Create(),
            CommitCommand.Create(),
            IndexCommand.Create(),
            AnnotateCommand.Create(),
            AttachCommand.Create());
        root.AddGroup(
            "Ask and change registries",
            TagsCommand.Create(),
            CatalogCommand.Create(),
            DigestCommand.Create(),
            ManifestCommand.Create(),
            ConfigCommand.Create(),
            ReferrersCommand.Create(),
            DeleteCommand.Create(),
            LoginCommand.Create(),
            LogoutCommand.Create());
        root.AddGroup(
            "Layers",
            IngestCommand.Create(),
            LayersCommand.Create(),
            LayerCommand.Create(),
            HashCommand.Create(),
            TarSplitCommand.Create(),
            ErofsCommand.Create());
        root.AddGroup(
            "Serve and maintain",
            ServeCommand.Create(),
            CollectCommand.Create(),
            VerifyCommand.Create(),
            DfCommand.Create(),
            PruneCommand.Create());
        root.AddGroup(
            "About the command",
            HelpCommand.Create(root),
            CompletionCommand.Create(),
            VersionCommand.Create());
    }
}
