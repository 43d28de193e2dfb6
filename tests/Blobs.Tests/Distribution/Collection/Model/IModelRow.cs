namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>A row of a table of settings.</summary>
internal interface IModelRow
{
    /// <summary>The row in words.</summary>
    string Name { get; }

    /// <summary>Whether it is too large to be explored each time.</summary>
    bool OnDemand { get; }
}
