#!/bin/bash
# Submit it again: sbatch '/home/me/road 100%/out/jobs/prune.sh'
#SBATCH --job-name=road.prune
#SBATCH --chdir="/home/me/road 100%"
#SBATCH --output="/home/me/road 100%%/out/jobs/prune.log"
#SBATCH --open-mode=append
#SBATCH --cpus-per-task=4
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
#SBATCH --partition=gpu
#SBATCH --time=30

# The program takes the place of the shell, so that Slurm's signal ahead of the time limit reaches it:
# it saves a checkpoint, puts the job back into the queue, and goes on from there.
exec /opt/pare/bin/pare run out/point.json --until prune --output out/jobs/prune --as-job --threads "$SLURM_CPUS_PER_TASK"
