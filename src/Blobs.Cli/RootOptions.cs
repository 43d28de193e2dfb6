using System.CommandLine;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Files;

namespace Blobs.Cli;

/// <summary>The options that select a data root, and opening that root with a lock held while the verb works.</summary>
/// <param name="writes">Whether the verb writes to the root.</param>
/// <param name="onlyAtEnd">Whether it writes only at the end, and locks the root for reading until then.</param>
/// <param name="makes">Whether it creates a missing root.</param>
internal sealed class RootOptions(bool writes, bool onlyAtEnd = false, bool makes = false)
{
    private readonly Option<string> _root = CommonOptions.Root();
    private readonly Option<string?> _driver = CommonOptions.Driver();
    private readonly Option<TimeSpan?> _wait = CommonOptions.LockWait();
    private readonly Option<Durability> _durability = CommonOptions.Durability();

    public void AddTo(Command command)
    {
        command.Add(_root);
        command.Add(_driver);
        if (writes)
        {
            command.Add(_wait);
            command.Add(_durability);
        }
    }

    /// <summary>Waits until no other process writes to the root, and opens it without a lock; the verb locks it when
    /// needed.</summary>
    public async Task<DockerRoot> OpenOnceFreeAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using LockedRoot locked = await OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
        return locked.Root;
    }

    /// <summary>Opens the root and locks it: exclusively for writing, shared for reading.</summary>
    public async Task<LockedRoot> OpenAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var options = new DockerRootOptions { Driver = arguments.GetValue(_driver), Notices = Notices.ToStandardError };
        if (writes)
        {
            options = options with
            {
                Durability = arguments.GetValue(_durability),
                LockWait = arguments.GetValue(_wait),
            };
        }

        DockerRoot root = DockerRoot.Open(arguments.GetRequiredValue(_root), options);
        if (!makes)
        {
            root.Require();
        }

        Task<RootLock> taking = writes && !onlyAtEnd
            ? RootAccess.WriteAsync(root.Path, arguments.GetValue(_wait), cancellationToken)
            : RootAccess.ReadAsync(root.Path, cancellationToken);
        return new LockedRoot(root, await taking.ConfigureAwait(false));
    }
}
